import type { Refusal } from "../../shared/errors.ts";
import { entriesOf, type LogEntry } from "../../shared/events.ts";
import type { EventsRead } from "../execution/rpc.ts";
import type { Clock, Log } from "../ports.ts";

export const STREAM_PAGE_EVENTS = 500;

/** The stream ends by itself, and the client comes back with the last id it has. */
const STREAM_MS = 5 * 60_000;
/** A client that does not read keeps the end from reaching it. */
export const STREAM_GIVEN_UP_MS = STREAM_MS + 60_000;
/** Each page is a call of the object, and the platform counts those of one request: 10,000 at most. */
const MAX_PAGES = 2_000;
/** Silence on the wire is no longer than this. */
const KEEP_ALIVE_MS = 15_000;
const RETRY_MS = 1_000;
/** Nothing comes before another dispatch, and each return wakes the object. */
const RETRY_AT_REST_MS = 30_000;

export type StreamDeps = {
  readonly read: (after: number, waitMs: number) => Promise<EventsRead | Refusal>;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
};

/**
 * The log as server-sent events, page by page. The stream lives here: the object is asked for a page at a time, waits only
 * while something of its execution lives (when it is awake anyway), and is let go where it rests.
 */
export async function* eventPieces(
  first: EventsRead,
  { read, clock, log, signal }: StreamDeps,
): AsyncGenerator<string, void, undefined> {
  const endsAt = clock.now() + STREAM_MS;
  const left = new Promise<null>((resolve) => {
    signal.addEventListener("abort", () => resolve(null), { once: true });
  });
  let answer: EventsRead | Refusal | null = first;
  yield `retry: ${RETRY_MS}\n\n`;
  try {
    for (let pages = 1; answer?.ok === true && !signal.aborted; pages += 1) {
      const { page, live }: EventsRead = answer;
      const entries = entriesOf(page);
      if (entries.length > 0) yield entries.map((entry) => toFrame(entry)).join("");
      else if (!live) return yield `retry: ${RETRY_AT_REST_MS}\n\n`;
      else if (pages > 1) yield ": keep-alive\n\n";
      const leftMs = endsAt - clock.now();
      if (pages >= MAX_PAGES || leftMs <= 0 || signal.aborted) return;
      answer = await Promise.race([read(page.next, live ? Math.min(KEEP_ALIVE_MS, leftMs) : 0), left]);
    }
  } catch (error) {
    // The object or the platform failed; what was sent is whole, and the client goes on from there.
    log.write("warn", "stream.failed", { error });
  } finally {
    log.write("debug", "stream.ended", { aborted: signal.aborted });
  }
}

/** Each has an id, so that a client which comes back with it is told what follows and nothing twice. */
function toFrame(entry: LogEntry): string {
  switch (entry.kind) {
    case "event":
      return frame(entry.event.cursor, entry.event.kind, entry.event);
    case "gap":
      return frame(entry.gap.to, "pruned", entry.gap);
  }
}

/** JSON has no line breaks, and kinds are of a closed list: nothing an agent says can end a frame. */
function frame(id: number, event: string, data: unknown): string {
  return `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}
