/** The event log: pages that may wait, or a stream of server-sent events. */

import type { Refusal } from "../../shared/errors.ts";
import { Limits } from "../../shared/limits.ts";
import { type Handler, ask, json, unchanged } from "./call.ts";
import { eventPieces, STREAM_GIVEN_UP_MS, STREAM_PAGE_EVENTS } from "./event-stream.ts";
import { etagOf, tagOf, wholeNumber, wholeNumberIn } from "./query.ts";
import { textStream } from "./text-stream.ts";

export const readEvents: Handler = async (call, deps) => {
  const { executionId, url, request } = call;
  const range = rangeOf(url);
  if (!range.ok) return range;
  if (wantsStream(request)) return streamEvents(call, deps);
  const { after, limit, waitMs } = range;
  const tag = tagOf(request.headers);
  const read = await ask(deps, executionId, (execution) =>
    execution.events({ after, limit, ...(waitMs > 0 && { waitMs }), ...(tag !== undefined && { tag }) }),
  );
  if (!read.ok) return read;
  const headers = { etag: etagOf(read.tag) };
  return read.tag === tag ? unchanged(headers) : json(read.page, 200, headers);
};

/** The first page is read before the answer begins, so that a refusal is one. */
const streamEvents: Handler = async ({ executionId, url, request, requestId }, deps) => {
  const lastSeen = wholeNumberIn(request.headers.get("last-event-id") || null, "Last-Event-ID", cursors);
  if (!lastSeen.ok) return lastSeen;
  const range = rangeOf(url);
  if (!range.ok) return range;
  const after = lastSeen.value ?? range.after;
  const read = (from: number, waitMs: number) =>
    ask(deps, executionId, (execution) =>
      execution.events({ after: from, limit: STREAM_PAGE_EVENTS, ...(waitMs > 0 && { waitMs }) }),
    );
  const first = await read(after, 0);
  if (!first.ok) return first;
  const { clock, log, timer } = deps;
  const pieces = eventPieces(first, {
    read,
    clock,
    log: log.child({ executionId, requestId }),
    signal: request.signal,
  });
  return new Response(textStream(pieces, timer.sleep(STREAM_GIVEN_UP_MS)), {
    headers: { "content-type": "text/event-stream; charset=utf-8" },
  });
};

const DEFAULT_EVENTS = 200;
const cursors = { min: 0, max: Number.MAX_SAFE_INTEGER } as const;

type Range = { readonly ok: true; readonly after: number; readonly limit: number; readonly waitMs: number };

function rangeOf(url: URL): Range | Refusal {
  const after = wholeNumber(url, "after", cursors);
  if (!after.ok) return after;
  const limit = wholeNumber(url, "limit", { min: 1, max: Limits.eventsPerRead });
  if (!limit.ok) return limit;
  const wait = wholeNumber(url, "wait", { min: 0, max: Limits.waitSecondsMax });
  if (!wait.ok) return wait;
  return {
    ok: true,
    after: after.value ?? 0,
    limit: limit.value ?? DEFAULT_EVENTS,
    waitMs: (wait.value ?? 0) * 1_000,
  };
}

function wantsStream(request: Request): boolean {
  return (request.headers.get("accept") ?? "").toLowerCase().includes("text/event-stream");
}
