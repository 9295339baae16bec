/** What calls of the API take and bring, as the endpoint table has it. Types alone. */

import type * as z from "zod";
import type { Endpoint, EndpointId, Endpoints } from "../endpoints.ts";
import type { Exchanges, Queries } from "../exchanges.ts";
import type { PathName } from "../id-patterns.ts";
import type { CallFailure } from "./call-failure.ts";

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
type NamesIn<Path extends string> = Path extends `${string}{${infer Name extends PathName}}${infer Rest}`
  ? Name | NamesIn<Rest>
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
  readonly path: Readonly<Record<NamesIn<Row<Id>["path"]>, string>>;
  readonly query?: QueryIn<Table[Id]>;
} & BodyIn<Table[Id]>;

/** Endpoints that answer in JSON. */
export type CallableId = {
  [Id in EndpointId]: Table[Id]["answer"] extends null ? never : Id;
}[EndpointId];
/** Those of them that answer 304 where nothing has changed. */
export type PollableId = {
  [Id in CallableId]: Table[Id] extends { readonly canBeUnchanged: true } ? Id : never;
}[CallableId];
export type Answers = { [Id in CallableId]: z.output<Table[Id]["answer"]> };
export type Answer<Id extends CallableId> = Answers[Id];

export type Failed = {
  readonly kind: "failed";
  readonly failure: CallFailure;
  /** What the answer asks to wait before the next call. */
  readonly retryAfterMs?: number;
};
export type Reply<T> = { readonly kind: "answer"; readonly value: T; readonly etag: string | null } | Failed;
export type Polled<T> = Reply<T> | { readonly kind: "unchanged" };
export type Opened<R> = { readonly kind: "open"; readonly response: R } | Failed;

export type Client<R extends Answered = Answered> = {
  readonly call: <Id extends CallableId>(id: Id, input: Input<Id>) => Promise<Reply<Answer<Id>>>;
  /** The same with the tag of an earlier answer: `unchanged` where that is still the newest. */
  readonly poll: <Id extends PollableId>(
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
  /** Where the Worker answers; a path before its routes is kept. Empty on a page that the Worker served. */
  readonly url: string;
  /** Null where what stands before the Worker says who calls. */
  readonly token: string | null;
  readonly send: Send<R>;
};
