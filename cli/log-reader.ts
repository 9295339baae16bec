/** The log of an execution, entry by entry: what there is, or what there is and what comes. */
import type { Failed } from "../shared/client.ts";
import { insist } from "../shared/client/insist.ts";
import { entriesOf, ExecutionEvent, type LogEntry, PrunedGap } from "../shared/events.ts";
import { parseJson } from "../shared/json.ts";
import { Limits } from "../shared/limits.ts";
import { failed } from "./exit-code.ts";
import type { Api } from "./server.ts";
import { readFrames } from "./sse.ts";
import type { Io } from "./system.ts";

export type LogOptions = {
  readonly api: Api;
  readonly io: Pick<Io, "now" | "sleep" | "complain" | "signal">;
  readonly executionId: string;
  readonly after: number;
  /** How long a lost connection is tried again. */
  readonly patienceMs: number;
};

/** Waits between tries of a page that others came before. */
const PAGE_DELAYS_MS = [250, 500, 1_000, 2_000, 4_000];

/** Everything after the cursor up to what is the newest when it is reached. */
export async function* readLog({
  api,
  io,
  executionId,
  after,
  patienceMs,
}: LogOptions): AsyncGenerator<LogEntry, void, undefined> {
  for (let next = after; ;) {
    const query = { after: next, limit: Limits.eventsPerRead };
    const reply = await insist(() => api.call("events", { path: { executionId }, query }), {
      // Whoever is not there at all says so at once.
      delaysMs: next === after ? [] : PAGE_DELAYS_MS,
      maxWaitMs: patienceMs,
      sleep: io.sleep,
    });
    if (reply.kind === "failed") throw failed(reply.failure);
    yield* entriesOf(reply.value);
    if (reply.value.next === next || reply.value.next >= reply.value.newest) return;
    ({ next } = reply.value);
  }
}

/** A stream that ends with this wait has nothing to wait for: nothing of the execution lives. */
const AT_REST_MS = 30_000;
const RETRY_MS = 1_000;

/** As `readLog`, and then what comes, until nothing of the execution lives. Each entry once, over any loss of the stream. */
export async function* streamLog(options: LogOptions): AsyncGenerator<LogEntry, void, undefined> {
  const { api, io, executionId, patienceMs } = options;
  let cursor = options.after;
  let lostSince: number | null = null;
  for (;;) {
    const headers = { accept: "text/event-stream" };
    const opened = await api.open("events", { path: { executionId }, query: { after: cursor } }, headers);
    const lost: Failed | null = opened.kind === "failed" ? opened : null;
    let waitMs = RETRY_MS;
    if (opened.kind === "open") {
      lostSince = null;
      try {
        for await (const { event, data, retryMs } of readFrames(bytesOf(opened.response))) {
          waitMs = retryMs ?? waitMs;
          const entry = toEntry(event, data);
          if (entry === null) continue;
          cursor = entry.kind === "event" ? entry.event.cursor : entry.gap.to;
          yield entry;
        }
        if (waitMs >= AT_REST_MS) return;
      } catch {
        // The stream broke off; what came was whole, and it goes on after that.
        io.signal.throwIfAborted();
      }
    }
    io.signal.throwIfAborted();
    if (lost !== null) {
      const since: number = lostSince ?? io.now();
      const { failure, retryAfterMs = 0 } = lost;
      if (!failure.retryable || patienceMs - (io.now() - since) <= retryAfterMs) throw failed(failure);
      if (lostSince === null) io.complain(`holt: ${failure.error}; trying again`);
      lostSince = since;
      waitMs = Math.max(RETRY_MS, retryAfterMs);
    }
    await io.sleep(waitMs);
  }
}

async function* bytesOf({ body }: Response): AsyncGenerator<Uint8Array, void, undefined> {
  if (body !== null) yield* body;
}

/** Null for a frame that carries none, as one that only names a wait. */
function toEntry(event: string, data: string): LogEntry | null {
  const value = parseJson(data);
  if (event === "pruned") {
    const gap = PrunedGap.safeParse(value);
    return gap.success ? { kind: "gap", gap: gap.data } : null;
  }
  const parsed = ExecutionEvent.safeParse(value);
  return parsed.success ? { kind: "event", event: parsed.data } : null;
}
