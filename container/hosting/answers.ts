/** What the answers of both hosting services have in common. */

import type { Clock } from "../ports.ts";
import { type Step, failed } from "../process/step.ts";
import { redactHead } from "../redact-head.ts";
import { type Answer, callWithRetries } from "./retry.ts";

export type HostingDeps = {
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  readonly redact: (text: string) => string;
  readonly signal: AbortSignal;
  /** See `Retries`. */
  readonly jitter: () => number;
};

type HttpAnswer = Extract<Answer, { kind: "answer" }>;

/** Of what a service says. */
const maxShownChars = 300;

/** The longest wait between two tries that the server did not ask for. */
const maxDelayMs = 4_000;

export function callHosting(
  call: (signal: AbortSignal) => Promise<Answer>,
  { clock, signal, jitter }: HostingDeps,
): Promise<Answer> {
  return callWithRetries(call, { clock, signal, jitter, maxDelayMs });
}

export function isSuccess(answer: Answer): boolean {
  return answer.kind === "answer" && answer.status >= 200 && answer.status < 300;
}

/** The failure that an answer is; `what` was not opened. The service's text is cut after redaction. */
export function refused(what: string, answer: Answer, { redact }: HostingDeps): Step<never> {
  if (answer.kind === "no-answer") return failed("api", answer.reason);
  const text = redactHead(toText(answer), maxShownChars, redact).text.slice(0, maxShownChars);
  return failed("api", `Failed to open ${what} (HTTP ${answer.status}): ${text}`);
}

export function toText(answer: HttpAnswer): string {
  return typeof answer.data === "string" ? answer.data : JSON.stringify(answer.data ?? "");
}
