/**
 * The typed client of the HTTP API: its calls, parameters and answers follow from the endpoint table. It sends through what
 * it is given, so that the command line, the page and the local programs share it. A refusal is a value.
 */

import type * as z from "zod";
import { type CallFailure, toFailure, unreachable } from "./client/failure.ts";
import { type PathParameter, toPath } from "./client/path.ts";
import { type Endpoint, type EndpointId, Endpoints } from "./endpoints.ts";
import { Exchanges, type Queries } from "./exchanges.ts";
import { parseJson } from "./json.ts";

export { CallFailure } from "./client/failure.ts";

/** The part of `fetch` that the client needs; whoever passes it in adds signals and limits of time. */
export type Send<R extends Answered> = (url: string, request: Sent) => Promise<R>;
export type Sent = {
  readonly method: Endpoint["method"];
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
};
export type Answered = {
  readonly status: number;
  readonly ok: boolean;
  readonly headers: { readonly get: (name: string) => string | null };
  readonly text: () => Promise<string>;
};

type Row<Id extends EndpointId> = Extract<(typeof Endpoints)[number], { readonly id: Id }>;
type Table = typeof Exchanges;
type ParametersIn<Path extends string> =
  Path extends `${string}{${infer Name extends PathParameter}}${infer Rest}`
    ? Name | ParametersIn<Rest>
    : never;
type QueryIn<E> = E extends { readonly query: ReadonlyArray<infer Name extends keyof typeof Queries> }
  ? { readonly [N in Name]?: z.input<(typeof Queries)[N]["value"]> | undefined }
  : { readonly [N in never]?: never };
type BodyIn<E> = E extends { readonly body: infer Body extends z.ZodType }
  ? E extends { readonly isBodyOptional: true }
    ? { readonly body?: z.input<Body> }
    : { readonly body: z.input<Body> }
  : { readonly body?: never };

/** What a call of an endpoint takes. */
export type Input<Id extends EndpointId> = {
  readonly path: Readonly<Record<ParametersIn<Row<Id>["path"]>, string>>;
  readonly query?: QueryIn<Table[Id]>;
} & BodyIn<Table[Id]>;

/** Endpoints that answer in JSON. */
export type CallableId = {
  [Id in EndpointId]: Table[Id]["answer"] extends null ? never : Id;
}[EndpointId];
type Answers = { [Id in CallableId]: z.output<Table[Id]["answer"]> };
export type Answer<Id extends CallableId> = Answers[Id];

export type Failed = { readonly kind: "failed"; readonly failure: CallFailure };
export type Reply<T> = { readonly kind: "answer"; readonly value: T; readonly etag: string | null } | Failed;
export type Polled<T> = Reply<T> | { readonly kind: "unchanged" };
export type Opened<R> = { readonly kind: "open"; readonly response: R } | Failed;

export type Client<R extends Answered = Answered> = {
  readonly call: <Id extends CallableId>(id: Id, input: Input<Id>) => Promise<Reply<Answer<Id>>>;
  /** The same with the tag of an earlier answer: `unchanged` where that is still the newest. */
  readonly poll: <Id extends CallableId>(
    id: Id,
    input: Input<Id>,
    etag: string | null,
  ) => Promise<Polled<Answer<Id>>>;
  /** A success with its body unread, for streams. */
  readonly open: <Id extends EndpointId>(
    id: Id,
    input: Input<Id>,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<Opened<R>>;
};

export type ClientOptions<R extends Answered> = {
  /** Where the Worker answers; a path before its routes is kept. */
  readonly url: string;
  readonly token: string;
  readonly send: Send<R>;
};

const schemas: { readonly [Id in CallableId]: { readonly answer: z.ZodType<Answers[Id]> } } = Exchanges;

export function createClient<R extends Answered>(options: ClientOptions<R>): Client<R> {
  const open = async <Id extends EndpointId>(
    id: Id,
    input: Input<Id>,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Opened<R>> => {
    const address = toPath(rowOf(id).path, input.path);
    if (address.kind === "failed") return address;
    const { body } = input;
    const url = `${options.url.replace(/\/+$/, "")}${address.path}${toSearch(input.query ?? {})}`;
    try {
      const response = await options.send(url, {
        method: rowOf(id).method,
        headers: {
          accept: "application/json",
          authorization: `Bearer ${options.token}`,
          ...(body !== undefined && { "content-type": "application/json" }),
          ...headers,
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      if (response.ok || response.status === 304) return { kind: "open", response };
      return { kind: "failed", failure: toFailure(response, await response.text()) };
    } catch (error) {
      return { kind: "failed", failure: unreachable(options.url, error) };
    }
  };
  const poll = async <Id extends CallableId>(
    id: Id,
    input: Input<Id>,
    etag: string | null,
  ): Promise<Polled<Answer<Id>>> => {
    const opened = await open(id, input, etag === null ? {} : { "if-none-match": etag });
    if (opened.kind === "failed") return opened;
    const { response } = opened;
    if (response.status === 304 && etag !== null) return { kind: "unchanged" };
    const text = await response.text().catch((error: unknown) => unreachable(options.url, error));
    if (typeof text !== "string") return { kind: "failed", failure: text };
    const parsed = schemas[id].answer.safeParse(parseJson(text));
    return parsed.success
      ? { kind: "answer", value: parsed.data, etag: response.headers.get("etag") }
      : { kind: "failed", failure: toFailure(response, text) };
  };
  const call = async <Id extends CallableId>(id: Id, input: Input<Id>): Promise<Reply<Answer<Id>>> => {
    const reply = await poll(id, input, null);
    if (reply.kind !== "unchanged") return reply;
    throw new Error("a call without a tag cannot be unchanged");
  };
  return { call, poll, open };
}

function rowOf(id: EndpointId): Endpoint {
  const row = Endpoints.find((endpoint) => endpoint.id === id);
  if (row === undefined) throw new Error(`no endpoint '${id}'`);
  return row;
}

function toSearch(query: Readonly<Record<string, string | number | undefined>>): string {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) given.set(name, String(value));
  const text = given.toString();
  return text === "" ? "" : `?${text}`;
}
