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

const attempts = 3;
/** 500 ms, 1 s, …, and never longer than this unless the server asks for it. */
const firstDelayMs = 500;
const maxDelayMs = 4_000;
const maxRetryAfterMs = 8_000;
/** A server that takes a connection and says nothing is asked again. */
const attemptMs = 30_000;

/** Repeats a call while the server is overloaded, broken or not to be reached; the last answer is the caller's. */
export async function callWithRetries(
  call: (signal: AbortSignal) => Promise<Answer>,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<Answer> {
  for (let attempt = 1; ; attempt++) {
    const answer = await callOnce(call, { clock, signal });
    if (attempt === attempts || signal.aborted || !isTransient(answer)) return answer;
    const isWaited = await clock.sleep(delayMs(answer, attempt, clock.now()), signal).then(
      () => true,
      () => false,
    );
    if (!isWaited) return answer;
  }
}

async function callOnce(
  call: (signal: AbortSignal) => Promise<Answer>,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<Answer> {
  const ended = new AbortController();
  const late = new AbortController();
  clock.sleep(attemptMs, ended.signal).then(
    () => late.abort(),
    // the call was answered first
    () => undefined,
  );
  const answer = await call(AbortSignal.any([signal, late.signal]));
  ended.abort();
  return late.signal.aborted && answer.kind === "no-answer"
    ? { kind: "no-answer", reason: `no answer within ${attemptMs / 1_000}s` }
    : answer;
}

function isTransient(answer: Answer): boolean {
  return answer.kind === "no-answer" || answer.status >= 500 || answer.status === 429;
}

function delayMs(answer: Answer, attempt: number, now: number): number {
  const asked = answer.kind === "answer" ? parseRetryAfter(answer.retryAfter, now) : null;
  return asked === null
    ? Math.min(firstDelayMs * 2 ** (attempt - 1), maxDelayMs)
    : Math.min(asked, maxRetryAfterMs);
}

/** `Retry-After` is a number of seconds or an HTTP date; what is not in the future says nothing. */
function parseRetryAfter(value: string | undefined, now: number): number | null {
  if (value === undefined) return null;
  const ms = /^\d+$/.test(value.trim()) ? Number(value) * 1_000 : Date.parse(value) - now;
  return ms > 0 ? ms : null;
}
