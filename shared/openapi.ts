/** The description of the HTTP API, made from the endpoint table and the schemas; `docs/openapi.json` is this, committed. */

import * as z from "zod";
import { CancelRequest, ExtendRequest, NativeDispatch } from "./dispatch.ts";
import { type Endpoint, type EndpointId, Endpoints } from "./endpoints.ts";
import { ErrorBody } from "./errors.ts";
import { EventsPage, ExecutionEvent } from "./events.ts";
import { BoardName, ExecutionId, JobId } from "./ids.ts";
import { FollowUp, JobResult, Progress, Span } from "./job-result.ts";
import {
  DeadlineView,
  DispatchAnswer,
  ExecutionView,
  ExitView,
  ExtendAnswer,
  JobView,
  StopAnswer,
} from "./job-view.ts";
import { Outcome, OutcomeCode } from "./outcomes.ts";
import { Limits } from "./limits.ts";
import { Policy, PolicyRequest } from "./policy.ts";

export const Health = z
  .object({ status: z.literal("ok"), version: z.string() })
  .meta({ id: "Health", description: "The Worker answers." });
export type Health = z.infer<typeof Health>;

/** OpenAPI 3.1. */
export function openapiDocument(version: string): Readonly<Record<string, unknown>> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const endpoint of Endpoints) {
    const path = (paths[endpoint.path] ??= {});
    path[endpoint.method.toLowerCase()] = operation(endpoint);
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Holt",
      version,
      description:
        "Coding-agent executions, one Durable Object and one container each. All times are epoch milliseconds.",
      license: { name: "MIT", identifier: "MIT" },
    },
    paths,
    components: {
      schemas: schemas(),
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer", description: "A token of HOLT_TOKENS." },
        harnessSecret: {
          type: "apiKey",
          in: "header",
          name: "x-harness-secret",
          description: "A dispatch token, on the job protocol.",
        },
        access: {
          type: "apiKey",
          in: "header",
          name: "cf-access-jwt-assertion",
          description: "Set by Cloudflare Access.",
        },
      },
    },
  };
}

/** The schemas a caller can meet. Listed, not taken from zod's registry of all: that one holds what happens to be imported. */
const components = [
  BoardName,
  CancelRequest,
  DeadlineView,
  DispatchAnswer,
  ErrorBody,
  EventsPage,
  ExecutionEvent,
  ExecutionId,
  ExecutionView,
  ExitView,
  ExtendAnswer,
  ExtendRequest,
  FollowUp,
  Health,
  JobId,
  JobResult,
  JobView,
  NativeDispatch,
  Outcome,
  OutcomeCode,
  Policy,
  PolicyRequest,
  Progress,
  Span,
  StopAnswer,
] as const;

type Shape = {
  readonly status: 200 | 202;
  readonly answer: string;
  readonly body?: string;
  readonly isBodyOptional?: true;
  readonly query?: readonly QueryName[];
  readonly canBeUnchanged?: true;
};

const reading = ["after", "wait"] as const;

const shapes: Readonly<Record<EndpointId, Shape>> = {
  health: { status: 200, answer: "Health" },
  root: { status: 200, answer: "" },
  openapi: { status: 200, answer: "" },
  "dispatch-job": { status: 202, answer: "DispatchAnswer", body: "" },
  "read-job": { status: 200, answer: "JobView", query: reading, canBeUnchanged: true },
  "stop-job": { status: 200, answer: "StopAnswer" },
  dispatch: { status: 202, answer: "DispatchAnswer", body: "NativeDispatch" },
  execution: { status: 200, answer: "ExecutionView" },
  job: { status: 200, answer: "JobView", query: [...reading, "result"], canBeUnchanged: true },
  events: { status: 200, answer: "EventsPage", query: ["after", "limit"] },
  cancel: { status: 200, answer: "StopAnswer", body: "CancelRequest", isBodyOptional: true },
  extend: { status: 200, answer: "ExtendAnswer", body: "ExtendRequest" },
  release: { status: 200, answer: "StopAnswer" },
};

const queries = {
  after: {
    description: "A cursor of the event log; what comes after it is answered.",
    schema: { type: "integer", minimum: 0 },
  },
  wait: {
    description: "Seconds to wait for another revision than the one in If-None-Match.",
    schema: { type: "integer", minimum: 0, maximum: Limits.waitSecondsMax },
  },
  limit: {
    description: "Events at most.",
    schema: { type: "integer", minimum: 1, maximum: Limits.eventsPerRead },
  },
  result: {
    description: "`full`: the result whole, however large.",
    schema: { type: "string", enum: ["full"] },
  },
} as const;
type QueryName = keyof typeof queries;

function operation({ id, path, scope, door, summary }: Endpoint & { readonly id: EndpointId }) {
  const { status, answer, body, isBodyOptional, query = [], canBeUnchanged } = shapes[id];
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => ({
    name,
    in: "path",
    required: true,
    schema: reference(name === "jobId" ? "JobId" : "ExecutionId"),
  }));
  const inQuery = query.map((name) => ({ name, in: "query", required: false, ...queries[name] }));
  return {
    operationId: id,
    summary,
    tags: [door === "job" ? "job protocol" : "native"],
    ...(scope !== "open" && { "x-holt-scope": scope }),
    security: scope === "open" ? [] : security(door),
    ...(inPath.length + inQuery.length > 0 && { parameters: [...inPath, ...inQuery] }),
    ...(body !== undefined && {
      requestBody: { required: isBodyOptional !== true, content: jsonOf(body) },
    }),
    responses: {
      [status]: { description: status === 202 ? "Accepted" : "OK", content: jsonOf(answer) },
      ...(canBeUnchanged === true && { 304: { description: "Unchanged" } }),
      default: { description: "Refused", content: jsonOf("ErrorBody") },
    },
  };
}

function security(door: Endpoint["door"]): ReadonlyArray<Readonly<Record<string, readonly string[]>>> {
  const both = [{ bearer: [] }, { access: [] }];
  return door === "job" ? [...both, { harnessSecret: [] }] : both;
}

/** @param name of a component; empty for any object */
function jsonOf(name: string) {
  return { "application/json": { schema: name === "" ? { type: "object" } : reference(name) } };
}

function reference(name: string) {
  return { $ref: `#/components/schemas/${name}` };
}

function schemas(): Readonly<Record<string, unknown>> {
  const registry = z.registry<{ id: string; description?: string | undefined }>();
  for (const schema of components) {
    const { id, description } = z.globalRegistry.get(schema) ?? {};
    if (id === undefined) throw new Error("a schema of the API has no id");
    registry.add(schema, { id, description });
  }
  const document = z.toJSONSchema(registry, {
    target: "draft-2020-12",
    metadata: registry,
    uri: (id) => `#/components/schemas/${id}`,
    unrepresentable: "any",
  });
  return Object.fromEntries(
    Object.entries(document.schemas)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([id, { $id: _id, $schema: _schema, ...schema }]) => [id, schema]),
  );
}
