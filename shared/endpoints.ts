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
    summary: "Health",
  },
  {
    id: "root",
    method: "GET",
    path: "/",
    scope: "dispatch",
    door: "job",
    summary: "The page, or a sign of life",
  },
  {
    id: "openapi",
    method: "GET",
    path: "/openapi.json",
    scope: "open",
    door: "native",
    summary: "This description, for tools",
  },
  {
    id: "docs",
    method: "GET",
    path: "/docs",
    scope: "open",
    door: "native",
    summary: "This description, for people",
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
    summary: "Read a job and take delivery",
  },
  {
    id: "stop-job",
    method: "DELETE",
    path: "/jobs/{jobId}",
    scope: "dispatch",
    door: "job",
    summary: "Stop a job or an execution",
  },
  {
    id: "dispatch",
    method: "POST",
    path: "/v1/executions/{executionId}/jobs",
    scope: "dispatch",
    door: "native",
    summary: "Dispatch a job",
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
    summary: "Read a job",
  },
  {
    id: "events",
    method: "GET",
    path: "/v1/executions/{executionId}/events",
    scope: "read",
    door: "native",
    summary: "Read or follow the event log",
  },
  {
    id: "bundle",
    method: "GET",
    path: "/v1/executions/{executionId}/bundle",
    scope: "read",
    door: "native",
    summary: "Export the bundle",
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
    summary: "Extend a deadline",
  },
  {
    id: "release",
    method: "DELETE",
    path: "/v1/executions/{executionId}",
    scope: "dispatch",
    door: "native",
    summary: "Release an execution",
  },
  {
    id: "board",
    method: "GET",
    path: "/v1/boards/{board}",
    scope: "read",
    door: "native",
    summary: "Read a board",
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
