/** Sends one repair request, with repetitions, and says in one sentence why there was no answer. */

import type { FlowLimits, JobContext } from "../job-context.ts";
import type { Clock } from "../ports.ts";
import { type Answer, callWithRetries } from "../hosting/retry.ts";
import { redactHead } from "../redact-head.ts";
import {
  type HttpCall,
  type RepairAnswer,
  type RepairChannel,
  type RepairRequest,
  readRepairAnswer,
  toHttpCall,
} from "./repair-call.ts";

export type AskDeps = {
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  /** 0 to 1, for the spread of waits. */
  readonly jitter: () => number;
  readonly context: Pick<JobContext, "redact" | "stop"> & { readonly limits: Pick<FlowLimits, "setupMs"> };
};

export type Asked =
  | ({ readonly ok: true } & RepairAnswer)
  /** Redacted. */
  | { readonly ok: false; readonly error: string };

/** An answer of 32,768 tokens that is not streamed takes minutes. */
const callMs = 4 * 60_000;
const maxDelayMs = 8_000;
/** Several times the longest answer there can be. */
const maxAnswerBytes = 4 * 1024 * 1024;
const maxErrorChars = 300;

export async function askModel(
  channel: RepairChannel,
  request: RepairRequest,
  deps: AskDeps,
): Promise<Asked> {
  const { clock, context } = deps;
  const ended = new AbortController();
  const late = new AbortController();
  // the step ends by its own limit: a repair that takes too long has failed, and the job with a result that says so
  const limitMs = context.limits.setupMs / 2;
  clock.sleep(limitMs, ended.signal).then(
    () => late.abort(),
    // the model answered first
    () => undefined,
  );
  const signal = AbortSignal.any([context.stop, late.signal]);
  const first = await send(toHttpCall(channel, request, true), deps, signal);
  const isWorthLess = channel.kind === "proxy" && isRefusal(first);
  const answer = isWorthLess ? await send(toHttpCall(channel, request, false), deps, signal) : first;
  ended.abort();
  const prefix = channel.kind === "proxy" ? "repair call failed" : "subscription repair call failed";
  if (late.signal.aborted) {
    return { ok: false, error: `${prefix}: timed out after ${Math.round(limitMs / 1_000)}s` };
  }
  const failure = describeFailure(answer, context.redact);
  if (failure !== null) return { ok: false, error: `${prefix}: ${failure}` };
  const data: unknown = answer.kind === "answer" ? answer.data : null;
  return { ok: true, ...readRepairAnswer(channel, request.model, parseJson(data)) };
}

function send(call: HttpCall, { fetch, clock, jitter }: AskDeps, signal: AbortSignal): Promise<Answer> {
  const attempt = async (signal: AbortSignal): Promise<Answer> => {
    try {
      const response = await fetch(call.url, {
        method: "POST",
        headers: call.headers,
        body: JSON.stringify(call.body),
        // a redirect would carry the token to wherever it points
        redirect: "manual",
        signal,
      });
      return {
        kind: "answer",
        status: response.status,
        data: await readBody(response),
        retryAfter: response.headers.get("retry-after") ?? undefined,
      };
    } catch (error) {
      return { kind: "no-answer", reason: error instanceof Error ? error.message : String(error) };
    }
  };
  return callWithRetries(attempt, { clock, signal, jitter, maxDelayMs, callMs });
}

/** The body, or as much of it as any answer has. */
async function readBody(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk);
    bytes += chunk.byteLength;
    if (bytes > maxAnswerBytes) break;
  }
  return Buffer.concat(chunks).toString();
}

/** The request itself was refused, not put off. */
function isRefusal(answer: Answer): boolean {
  return answer.kind === "answer" && answer.status >= 400 && answer.status < 500 && answer.status !== 429;
}

function describeFailure(answer: Answer, redact: (text: string) => string): string | null {
  if (answer.kind === "no-answer") return saidIn(answer.reason, redact);
  if (answer.status >= 200 && answer.status < 300) return null;
  const body = typeof answer.data === "string" ? answer.data.trim() : "";
  const said = saidIn(body, redact);
  return `HTTP ${answer.status}${said === "" ? "" : ` — ${said}`}`;
}

function saidIn(text: string, redact: (text: string) => string): string {
  return redactHead(text, maxErrorChars, redact).text.slice(0, maxErrorChars).toWellFormed();
}

function parseJson(data: unknown): unknown {
  try {
    return typeof data === "string" ? JSON.parse(data) : null;
  } catch {
    return null; // an answer of no known kind has no text
  }
}
