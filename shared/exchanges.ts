/** What each endpoint takes and answers; the client infers its types from this, and the API's description is made of it. */

import * as z from "zod";
import { BoardPage, sincePattern } from "./board.ts";
import { BundleLine } from "./bundle/line.ts";
import { CancelRequest, ExtendRequest, NativeDispatch } from "./dispatch.ts";
import type { EndpointId } from "./endpoints.ts";
import { EventsPage, ExecutionEvent } from "./events.ts";
import { DispatchAnswer, ExecutionView, ExtendAnswer, JobView, StopAnswer } from "./job-view.ts";
import { Limits } from "./limits.ts";

export const Health = z
  .object({ status: z.literal("ok"), version: z.string() })
  .meta({ id: "Health", description: "The Worker answers." });
export type Health = z.infer<typeof Health>;

/** Any object; it has no id, since it is no component of the description. */
const AnyObject = z.record(z.string(), z.unknown());

/** Parameters that stand behind the question mark. */
export const Queries = {
  after: {
    description: "A cursor of the event log; what comes after it is answered.",
    value: z.int().min(0),
    schema: { type: "integer", minimum: 0 },
  },
  since: {
    description: "`next` of the page before; 0 or absent: all of the board, with `reset`.",
    value: z.string().regex(sincePattern),
    schema: { type: "string", pattern: sincePattern.source },
  },
  wait: {
    description:
      "Seconds to wait for news: another state than the tag in If-None-Match names, or what comes after `after` or `since`.",
    value: z.int().min(0).max(Limits.waitSecondsMax),
    schema: { type: "integer", minimum: 0, maximum: Limits.waitSecondsMax },
  },
  limit: {
    description: "Events at most.",
    value: z.int().min(1).max(Limits.eventsPerRead),
    schema: { type: "integer", minimum: 1, maximum: Limits.eventsPerRead },
  },
  result: {
    description: "`full`: the result whole, however large.",
    value: z.literal("full"),
    schema: { type: "string", enum: ["full"] },
  },
} as const;
export type QueryName = keyof typeof Queries;

export type Exchange = {
  readonly status: 200 | 202;
  /** Null where there is no answer in JSON. */
  readonly answer: z.ZodType | null;
  readonly body?: z.ZodType;
  readonly isBodyOptional?: true;
  /** Of the answer's forms beside or in place of JSON, what one line or event of it holds. */
  readonly streams?: {
    readonly media: "text/event-stream" | "application/x-ndjson" | "text/html";
    /** Null where it is no data. */
    readonly of: z.ZodType | null;
  };
  readonly query?: readonly QueryName[];
  readonly headers?: readonly "Last-Event-ID"[];
  readonly canBeUnchanged?: true;
};

const reading = ["after", "wait"] as const;

export const Exchanges = {
  health: { status: 200, answer: Health },
  root: { status: 200, answer: AnyObject },
  openapi: { status: 200, answer: AnyObject, canBeUnchanged: true },
  docs: { status: 200, answer: null, streams: { media: "text/html", of: null }, canBeUnchanged: true },
  "dispatch-job": { status: 202, answer: DispatchAnswer, body: AnyObject },
  "read-job": { status: 200, answer: JobView, query: reading, canBeUnchanged: true },
  "stop-job": { status: 200, answer: StopAnswer },
  dispatch: { status: 202, answer: DispatchAnswer, body: NativeDispatch },
  execution: { status: 200, answer: ExecutionView, query: ["wait"], canBeUnchanged: true },
  job: { status: 200, answer: JobView, query: [...reading, "result"], canBeUnchanged: true },
  events: {
    status: 200,
    answer: EventsPage,
    streams: { media: "text/event-stream", of: ExecutionEvent },
    query: ["after", "limit", "wait"],
    headers: ["Last-Event-ID"],
    canBeUnchanged: true,
  },
  bundle: { status: 200, answer: null, streams: { media: "application/x-ndjson", of: BundleLine } },
  cancel: { status: 200, answer: StopAnswer, body: CancelRequest, isBodyOptional: true },
  extend: { status: 200, answer: ExtendAnswer, body: ExtendRequest },
  release: { status: 200, answer: StopAnswer },
  board: { status: 200, answer: BoardPage, query: ["since", "wait"], canBeUnchanged: true },
} as const satisfies Record<EndpointId, Exchange>;
