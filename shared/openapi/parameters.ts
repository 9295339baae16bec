/** Parameters of an operation, each with its bounds and an example. */

import type { Endpoint, EndpointId } from "../endpoints.ts";
import { type Exchange, Exchanges, Queries, type QueryName } from "../exchanges.ts";
import { ids as sharedIds } from "./examples.ts";
import { Operations } from "./operations.ts";
import { reference } from "./schemas.ts";

type Row = Endpoint & { readonly id: EndpointId };

export function parametersOf({ id, path }: Row) {
  const { query = [], headers = [], canBeUnchanged }: Exchange = Exchanges[id];
  const inPath = namesIn(path).map((name) => ({
    name,
    in: "path",
    required: true,
    description: inPaths[name]?.description ?? "",
    schema: reference(inPaths[name]?.schema ?? ""),
    example: idsOf(id)[name] ?? "",
  }));
  const inQuery = query.map((name) => ({
    name,
    in: "query",
    required: false,
    description: Queries[name].description,
    schema: Queries[name].schema,
    example: queryExamples[name],
  }));
  const named = canBeUnchanged === true ? (["If-None-Match", ...headers] as const) : headers;
  const inHeader = named.map((name) => ({ name, in: "header", required: false, ...headerParameters[name] }));
  return [...inPath, ...inQuery, ...inHeader];
}

/** A path of the table with the example's ids in it. */
export function examplePath({ id, path }: Row): string {
  return path.replaceAll(/\{(\w+)\}/g, (_all, name: string) => encodeURIComponent(idsOf(id)[name] ?? ""));
}

export function namesIn(path: string): readonly string[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
}

function idsOf(id: EndpointId): Readonly<Record<string, string>> {
  return { ...sharedIds, ...Operations[id].ids };
}

const inPaths: Readonly<Record<string, { readonly schema: string; readonly description: string }>> = {
  jobId: { schema: "JobId", description: "The job's id, percent-encoded once." },
  board: { schema: "BoardName", description: "The board's name; `main` unless a dispatch said another." },
  executionId: { schema: "ExecutionId", description: "The execution's name." },
};

const queryExamples: Readonly<Record<QueryName, string | number>> = {
  after: 40,
  since: "1795353068002",
  wait: 25,
  limit: 50,
  result: "full",
};

const headerParameters = {
  "If-None-Match": {
    description: "The ETag of an earlier answer; while nothing has changed the answer is 304.",
    schema: { type: "string" },
    example: '"1795353068001"',
  },
  "Last-Event-ID": {
    description: "The id of the last event a stream has brought; it goes before `after`.",
    schema: { type: "integer", minimum: 0 },
    example: 40,
  },
} as const;
