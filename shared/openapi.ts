/** The description of the HTTP API, made from the endpoint table and the schemas; `docs/openapi.json` is this, committed. */

import { Endpoints } from "./endpoints.ts";
import { operation } from "./openapi/operation.ts";
import { errorRows, exampleRows } from "./openapi/refusals.ts";
import { componentSchemas } from "./openapi/schemas.ts";
import { Outcomes } from "./outcomes.ts";

/** OpenAPI 3.1. What it has no word for begins with `x-`: scopes, doors, and the tables of errors and outcomes. */
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
        "Coding-agent executions, one Durable Object and one container each. Bodies are JSON in UTF-8; all times are epoch milliseconds. Two doors lead to the same jobs: the native API under `/v1`, and the job protocol under `/jobs` for clients of a harness.",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/", description: "The deployment that serves this description." }],
    tags: tags.map(([name, description]) => ({ name, description })),
    paths,
    components: {
      schemas: componentSchemas(),
      examples: exampleRows(),
      headers: {
        ETag: {
          description: "Names what was answered; send it back as `If-None-Match`.",
          schema: { type: "string" },
          example: '"1795353068001"',
        },
        "Retry-After": {
          description: "Of `rate-limited`: seconds until the caller's requests are counted anew.",
          schema: { type: "integer" },
          example: 60,
        },
        "x-request-id": {
          description:
            "Names the request in the deployment's log: the caller's own where it sent 1–64 of `A-Z a-z 0-9 . _ -`.",
          schema: { type: "string" },
          example: "req_5f0c2a91",
        },
      },
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
    "x-holt-errors": errorRows(),
    "x-holt-outcomes": Object.entries(Outcomes).map(([code, meaning]) => ({ code, ...meaning })),
  };
}

const tags = [
  ["jobs", "Dispatch a job, read it, cancel it, move what will stop it."],
  ["executions", "An execution as a whole: its jobs, its log, its bundle, its end."],
  ["boards", "What people watch: one card for each job, and what has changed since."],
  ["job protocol", "What clients of a harness speak; a Holt address can stand where a harness's stood."],
  ["service", "The deployment itself."],
] as const;
