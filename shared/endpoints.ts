/**
 * Every route of the Worker. Mounting, authentication, OpenAPI and the drift test read this table. `scope` is what a
 * token needs; `open` needs none.
 */
export const Endpoints = [
  {
    id: "health",
    method: "GET",
    path: "/health",
    scope: "open",
    door: "job",
    summary: "Whether the Worker answers",
  },
  {
    id: "root",
    method: "GET",
    path: "/",
    scope: "dispatch",
    door: "job",
    summary: "The page's shell, or a sign of life",
  },
  {
    id: "openapi",
    method: "GET",
    path: "/openapi.json",
    scope: "open",
    door: "native",
    summary: "This description",
  },
  {
    id: "dispatch-job",
    method: "POST",
    path: "/jobs",
    scope: "dispatch",
    door: "job",
    summary: "Dispatch a job",
  },
  {
    id: "read-job",
    method: "GET",
    path: "/jobs/{jobId}",
    scope: "dispatch",
    door: "job",
    summary: "Read a job; a read without `after` takes delivery",
  },
  {
    id: "stop-job",
    method: "DELETE",
    path: "/jobs/{jobId}",
    scope: "dispatch",
    door: "job",
    summary: "Cancel a job, or release an execution by its id",
  },
  {
    id: "dispatch",
    method: "POST",
    path: "/v1/executions/{executionId}/jobs",
    scope: "dispatch",
    door: "native",
    summary: "Dispatch a job to an execution",
  },
  {
    id: "execution",
    method: "GET",
    path: "/v1/executions/{executionId}",
    scope: "read",
    door: "native",
    summary: "Read an execution",
  },
  {
    id: "job",
    method: "GET",
    path: "/v1/executions/{executionId}/jobs/{jobId}",
    scope: "read",
    door: "native",
    summary: "Read a job; never takes delivery",
  },
  {
    id: "events",
    method: "GET",
    path: "/v1/executions/{executionId}/events",
    scope: "read",
    door: "native",
    summary: "Read the event log after a cursor, as pages or as a stream",
  },
  {
    id: "bundle",
    method: "GET",
    path: "/v1/executions/{executionId}/bundle",
    scope: "read",
    door: "native",
    summary: "Export the event log and the jobs, each line with the hash of the one before",
  },
  {
    id: "cancel",
    method: "POST",
    path: "/v1/executions/{executionId}/jobs/{jobId}/cancel",
    scope: "dispatch",
    door: "native",
    summary: "Cancel a job",
  },
  {
    id: "extend",
    method: "POST",
    path: "/v1/executions/{executionId}/jobs/{jobId}/extend",
    scope: "dispatch",
    door: "native",
    summary: "Move a deadline of a job",
  },
  {
    id: "release",
    method: "DELETE",
    path: "/v1/executions/{executionId}",
    scope: "dispatch",
    door: "native",
    summary: "Stop everything of an execution and destroy its container",
  },
  {
    id: "board",
    method: "GET",
    path: "/v1/boards/{board}",
    scope: "read",
    door: "native",
    summary: "Read what has changed on a board",
  },
] as const satisfies readonly Endpoint[];

export type Scope = "open" | "read" | "dispatch";
export type Endpoint = {
  readonly id: string;
  readonly method: "GET" | "POST" | "DELETE";
  readonly path: string;
  readonly scope: Scope;
  readonly door: "job" | "native";
  readonly summary: string;
};
export type EndpointId = (typeof Endpoints)[number]["id"];
