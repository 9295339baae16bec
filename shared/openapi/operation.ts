/** One row of the endpoint table as an operation of the description. */

import type * as z from "zod";
import type { Endpoint, EndpointId } from "../endpoints.ts";
import { type ErrorCode, Errors } from "../error-codes.ts";
import { ErrorBody } from "../errors.ts";
import { type Exchange, Exchanges } from "../exchanges.ts";
import { type ShellRequest, toCurl } from "./curl.ts";
import { JobRequest } from "./job-spec.ts";
import { Operations, type OperationText, type Sample } from "./operations.ts";
import { examplePath, namesIn, parametersOf } from "./parameters.ts";
import { nameOf, reference } from "./schemas.ts";

type Row = Endpoint & { readonly id: EndpointId };

export function operation(row: Row) {
  const { id, summary, scope, door } = row;
  const { body, isBodyOptional }: Exchange = Exchanges[id];
  const text: OperationText = Operations[id];
  const parameters = parametersOf(row);
  return {
    operationId: id,
    summary,
    description: text.description,
    tags: [text.tag],
    "x-holt-scope": scope,
    "x-holt-door": door,
    security: scope === "open" ? [] : security(door),
    ...(parameters.length > 0 && { parameters }),
    ...(body !== undefined && {
      requestBody: {
        required: isBodyOptional !== true,
        content: {
          "application/json": {
            schema: reference(nameOf(id === "dispatch-job" ? JobRequest : body)),
            example: text.body,
          },
        },
      },
    }),
    responses: { ...successes(id, text), ...refusals(refusalsOf(row)) },
    "x-codeSamples": text.samples.map((sample) => ({
      lang: "Shell",
      label: sample.label,
      source: toCurl(shellRequest(row, sample)),
    })),
  };
}

/** Every code that the operation may answer with: what its row brings with it, and its own. */
export function refusalsOf({ id, path, scope }: Row): readonly ErrorCode[] {
  const { body, query = [] }: Exchange = Exchanges[id];
  const codes = new Set<ErrorCode>([
    ...(scope === "open" ? [] : guarded),
    ...(namesIn(path).length > 0 ? (["invalid-id"] as const) : []),
    ...(body === undefined ? [] : bodied),
    ...(query.length > 0 ? (["invalid-request"] as const) : []),
    ...(Operations[id].refusals ?? []),
  ]);
  return [...codes].toSorted((a, b) => Errors[a].status - Errors[b].status);
}

const guarded = [
  "unauthorized",
  "forbidden",
  "auth-not-configured",
  "rate-limited",
  "internal-error",
] as const;
const bodied = [
  "invalid-json",
  "too-deep",
  "forbidden-key",
  "body-too-large",
  "unsupported-encoding",
] as const;

function successes(id: EndpointId, { answer: example, stream }: OperationText) {
  const { status, answer, streams, canBeUnchanged }: Exchange = Exchanges[id];
  const headers = headersOf(canBeUnchanged === true ? ["ETag", "x-request-id"] : ["x-request-id"]);
  return {
    [status]: {
      description: status === 202 ? "The job is stored, sealed, and its deadlines are armed." : "OK",
      headers,
      content: {
        ...(answer !== null && { "application/json": { schema: schemaOf(answer), example } }),
        ...(streams !== undefined && {
          [streams.media]: {
            schema: streams.of === null ? { type: "string" } : schemaOf(streams.of),
            example: stream,
          },
        }),
      },
    },
    ...(canBeUnchanged === true && {
      304: { description: "Nothing has changed since the answer that `If-None-Match` names.", headers },
    }),
  };
}

/** By status; of each code an example. */
function refusals(codes: readonly ErrorCode[]) {
  const statuses = [...new Set(codes.map((code) => Errors[code].status))];
  return Object.fromEntries(
    statuses.map((status) => {
      const own = codes.filter((code) => Errors[code].status === status);
      return [
        status,
        {
          description: `Refused: ${own.map((code) => `\`${code}\``).join(", ")}.`,
          headers: headersOf(
            own.includes("rate-limited") ? ["Retry-After", "x-request-id"] : ["x-request-id"],
          ),
          content: {
            "application/json": {
              schema: schemaOf(ErrorBody),
              examples: Object.fromEntries(
                own.map((code) => [code, { $ref: `#/components/examples/${code}` }]),
              ),
            },
          },
        },
      ];
    }),
  );
}

function shellRequest(row: Row, { query = {}, ...sample }: Sample): ShellRequest {
  const search = Object.entries(query).map(([name, value]) => `${name}=${value}`);
  return {
    ...sample,
    method: row.method,
    path: `${examplePath(row)}${search.length === 0 ? "" : `?${search.join("&")}`}`,
    isOpen: row.scope === "open",
    body: Operations[row.id].body,
  };
}

function security(door: Endpoint["door"]): ReadonlyArray<Readonly<Record<string, readonly string[]>>> {
  const both = [{ bearer: [] }, { access: [] }];
  return door === "job" ? [...both, { harnessSecret: [] }] : both;
}

function headersOf(names: ReadonlyArray<"ETag" | "Retry-After" | "x-request-id">) {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}

/** Any object where the schema is no component. */
function schemaOf(schema: z.ZodType) {
  const name = nameOf(schema);
  return name === "" ? { type: "object" } : reference(name);
}
