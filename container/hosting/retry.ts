import type { Clock } from "../ports.ts";

/** What one HTTP call came to, without a word on what it means. */
export type Answer =
  | {
      readonly kind: "answer";
      readonly status: number;
      readonly data: unknown;
      readonly retryAfter?: string | undefined;
    }
  | { readonly kind: "no-answer"; readonly reason: string };

export type Retries = {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** The longest wait that the server did not ask for. */
  readonly maxDelayMs: number;
  /** A number from 0 to 1, drawn for each wait: what failed together need not come back together. */
  readonly jitter: () => number;
  /** How long one call may take; a server that takes a connection and says nothing is asked again. */
  readonly callMs?: number;
};

const attempts = 3;
/** 500 ms, 1 s, … */
const firstDelayMs = 500;
/** Of the wait itself. */
const maxJitter = 0.25;
/** The longest wait a server may ask for. */
const maxRetryAfterMs = 8_000;
const defaultCallMs = 30_000;

/**
 * Repeats a call while the server is overloaded, broken or not to be reached; the last answer is the caller's. Never
 * rejects as long as `call` does not, and ends at once when `signal` is aborted.
 */
export async function callWithRetries(
  call: (signal: AbortSignal) => Promise<Answer>,
  retries: Retries,
): Promise<Answer> {
  const { clock, signal } = retries;
  for (let attempt = 1; ; attempt++) {
    const answer = await callOnce(call, retries);
    if (attempt === attempts || signal.aborted || !isTransient(answer)) return answer;
    const isWaited = await clock.sleep(delayMs(answer, attempt, retries), signal).then(
      () => true,
      () => false,
    );
    if (!isWaited) return answer;
  }
}

async function callOnce(
  call: (signal: AbortSignal) => Promise<Answer>,
  { clock, signal, callMs = defaultCallMs }: Retries,
): Promise<Answer> {
  const ended = new AbortController();
  const late = new AbortController();
  clock.sleep(callMs, ended.signal).then(
    () => late.abort(),
    // the call was answered first
    () => undefined,
  );
  const answer = await call(AbortSignal.any([signal, late.signal]));
  ended.abort();
  return late.signal.aborted && answer.kind === "no-answer"
    ? { kind: "no-answer", reason: `no answer within ${callMs / 1_000}s` }
    : answer;
}

function isTransient(answer: Answer): boolean {
  return answer.kind === "no-answer" || answer.status >= 500 || answer.status === 429;
}

function delayMs(answer: Answer, attempt: number, { clock, maxDelayMs, jitter }: Retries): number {
  const asked = answer.kind === "answer" ? parseRetryAfter(answer.retryAfter, clock.now()) : null;
  if (asked !== null) return Math.min(asked, maxRetryAfterMs);
  const delay = Math.min(firstDelayMs * 2 ** (attempt - 1), maxDelayMs);
  return Math.round(delay * (1 + maxJitter * jitter()));
}

/** `Retry-After` is a number of seconds or an HTTP date; what is not in the future says nothing. */
function parseRetryAfter(value: string | undefined, now: number): number | null {
  if (value === undefined) return null;
  const ms = /^\d+$/.test(value.trim()) ? Number(value) * 1_000 : Date.parse(value) - now;
  return ms > 0 ? ms : null;
}
