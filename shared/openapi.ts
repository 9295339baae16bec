/** The description of the HTTP API, made from the endpoint table and the schemas; `docs/openapi.json` is this, committed. */

import * as z from "zod";
import { JobAbout } from "./about.ts";
import { BoardPage, Card } from "./board.ts";
import { BundleHead, BundleLine } from "./bundle/line.ts";
import { CancelRequest, ExtendRequest, NativeDispatch } from "./dispatch.ts";
import { type Endpoint, type EndpointId, Endpoints } from "./endpoints.ts";
import { ErrorBody } from "./errors.ts";
import { type Exchange, Exchanges, Health, Queries } from "./exchanges.ts";
import { EventsPage, ExecutionEvent, PrunedGap } from "./events.ts";
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
import { Policy, PolicyRequest } from "./policy.ts";

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
  BoardPage,
  BundleHead,
  BundleLine,
  CancelRequest,
  Card,
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
  JobAbout,
  JobId,
  JobResult,
  JobView,
  NativeDispatch,
  Outcome,
  OutcomeCode,
  Policy,
  PolicyRequest,
  Progress,
  PrunedGap,
  Span,
  StopAnswer,
] as const;

const headerParameters = {
  "If-None-Match": {
    description: "The ETag of an earlier answer; while nothing has changed the answer is 304.",
    schema: { type: "string" },
  },
  "Last-Event-ID": {
    description: "The id of the last event a stream has brought; it goes before `after`.",
    schema: { type: "integer", minimum: 0 },
  },
} as const;

const inPaths: Readonly<Record<string, string>> = { jobId: "JobId", board: "BoardName" };

function operation({ id, path, scope, door, summary }: Endpoint & { readonly id: EndpointId }) {
  const {
    status,
    answer,
    streams,
    body,
    isBodyOptional,
    query = [],
    headers = [],
    canBeUnchanged,
  }: Exchange = Exchanges[id];
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => ({
    name,
    in: "path",
    required: true,
    schema: reference(inPaths[name] ?? "ExecutionId"),
  }));
  const inQuery = query.map((name) => ({
    name,
    in: "query",
    required: false,
    description: Queries[name].description,
    schema: Queries[name].schema,
  }));
  const named = canBeUnchanged === true ? (["If-None-Match", ...headers] as const) : headers;
  const inHeader = named.map((name) => ({ name, in: "header", required: false, ...headerParameters[name] }));
  const parameters = [...inPath, ...inQuery, ...inHeader];
  return {
    operationId: id,
    summary,
    tags: [door === "job" ? "job protocol" : "native"],
    ...(scope !== "open" && { "x-holt-scope": scope }),
    security: scope === "open" ? [] : security(door),
    ...(parameters.length > 0 && { parameters }),
    ...(body !== undefined && {
      requestBody: { required: isBodyOptional !== true, content: jsonOf(body) },
    }),
    responses: {
      [status]: {
        description: status === 202 ? "Accepted" : "OK",
        content: {
          ...(answer !== null && jsonOf(answer)),
          ...(streams !== undefined && { [streams.media]: { schema: reference(nameOf(streams.of)) } }),
        },
      },
      ...(canBeUnchanged === true && { 304: { description: "Unchanged" } }),
      default: { description: "Refused", content: jsonOf(ErrorBody) },
    },
  };
}

function security(door: Endpoint["door"]): ReadonlyArray<Readonly<Record<string, readonly string[]>>> {
  const both = [{ bearer: [] }, { access: [] }];
  return door === "job" ? [...both, { harnessSecret: [] }] : both;
}

/** Any object where the schema is no component. */
function jsonOf(schema: z.ZodType) {
  const name = nameOf(schema);
  return { "application/json": { schema: name === "" ? { type: "object" } : reference(name) } };
}

function nameOf(schema: z.ZodType): string {
  return z.globalRegistry.get(schema)?.id ?? "";
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
