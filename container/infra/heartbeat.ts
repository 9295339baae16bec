import type { JobContext } from "../job-context.ts";
import type { Clock } from "../ports.ts";

/** An install may be silent for minutes, and has a timeout of its own. */
const heartbeatMs = 30_000;

/** Reports activity until it is stopped. */
export function startHeartbeat(context: JobContext, clock: Clock): { readonly stop: () => void } {
  const over = new AbortController();
  void beat(context, clock, over.signal);
  return { stop: () => over.abort() };
}

async function beat(context: JobContext, clock: Clock, signal: AbortSignal): Promise<void> {
  try {
    for (;;) {
      await clock.sleep(heartbeatMs, signal);
      context.report.activity();
    }
  } catch {
    // stopped
  }
}
