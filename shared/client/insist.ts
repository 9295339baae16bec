import type { Failed } from "./calls.ts";

export type Patience = {
  /** Waits between tries, longer where a refusal asks for it; as many tries follow. */
  readonly delaysMs: readonly number[];
  /** A refusal that asks for a longer wait is what comes of it. Default: one minute, as long as this API asks. */
  readonly maxWaitMs?: number;
  /** Rejects where waiting is over for another reason. */
  readonly sleep: (ms: number) => Promise<void>;
};

const MAX_WAIT_MS = 60_000;

/** Tries again what may succeed then. All reads may be repeated, and every dispatch, cancel, extension and release. */
export async function insist<T extends { readonly kind: string }>(
  request: () => Promise<T>,
  { delaysMs, maxWaitMs = MAX_WAIT_MS, sleep }: Patience,
): Promise<T> {
  for (const delayMs of delaysMs) {
    const reply = await request();
    if (!isFailed(reply) || !reply.failure.retryable) return reply;
    const { retryAfterMs = 0 } = reply;
    if (retryAfterMs > maxWaitMs) return reply;
    await sleep(Math.max(delayMs, retryAfterMs));
  }
  return request();
}

function isFailed(reply: { readonly kind: string }): reply is Failed {
  return reply.kind === "failed" && "failure" in reply;
}
