import {
  ATTEMPT_FIELD,
  type AttemptEnvelope,
  HarnessAccepted,
  HarnessError,
  HarnessHealth,
  HarnessView,
  SECRET_HEADER,
} from "../../../shared/harness-wire.ts";
import { parseBoundedJson } from "../../../shared/bounded-json.ts";
import { Limits } from "../../../shared/limits.ts";
import { readBounded } from "../../http/body.ts";
import type { ContainerPort } from "../../ports.ts";

/** A probe sent before the port listens can hang its whole timeout, so it is short. */
const PROBE_TIMEOUT_MS = 1_500;
const CALL_TIMEOUT_MS = 5_000;
const POST_TIMEOUT_MS = 15_000;

export type Health =
  | { readonly kind: "answered"; readonly boot: string | null; readonly instance: string | null }
  | Failed;
export type Posted =
  | { readonly kind: "accepted"; readonly boot: string | null; readonly beats: boolean }
  | { readonly kind: "refused"; readonly error: string }
  | Failed;
export type Asked =
  | { readonly kind: "known"; readonly view: HarnessView }
  | { readonly kind: "unknown-job" }
  | { readonly kind: "not-ours" }
  | Failed;
export type Told = { readonly kind: "told" } | Failed;
type Failed = { readonly kind: "failed"; readonly text: string };

/** The harness's HTTP surface as the object uses it. Every call ends; none throws. What is read is parsed and bounded. */
export type HarnessClient = {
  readonly health: () => Promise<Health>;
  readonly post: (spec: string, envelope: AttemptEnvelope, controlKey: string) => Promise<Posted>;
  readonly ask: (jobId: string, controlKey: string) => Promise<Asked>;
  readonly tellStop: (
    jobId: string,
    stop: { cause: string; graceMs: number },
    controlKey: string,
  ) => Promise<Told>;
};

export function createHarnessClient(port: ContainerPort): HarnessClient {
  const call = async (path: string, init: RequestInit, timeoutMs: number): Promise<Answer | Failed> => {
    try {
      const response = await port.fetch(new Request(`http://harness${path}`, init), timeoutMs);
      return { kind: "answer", status: response.status, body: await readJson(response) };
    } catch (error) {
      return { kind: "failed", text: error instanceof Error ? error.message : String(error) };
    }
  };
  return {
    health: async () => {
      const answer = await call("/health", {}, PROBE_TIMEOUT_MS);
      if (answer.kind === "failed") return answer;
      const health = HarnessHealth.safeParse(answer.body);
      if (answer.status !== 200 || !health.success)
        return { kind: "failed", text: `GET /health answered ${answer.status}` };
      return { kind: "answered", boot: health.data.boot ?? null, instance: health.data.instance ?? null };
    },
    post: async (spec, envelope, controlKey) => {
      const body = withEnvelope(spec, envelope);
      const answer = await call(
        "/jobs",
        { method: "POST", body, headers: headersOf(controlKey) },
        POST_TIMEOUT_MS,
      );
      if (answer.kind === "failed") return answer;
      if (answer.status === 202) {
        const accepted = HarnessAccepted.safeParse(answer.body);
        if (!accepted.success) return { kind: "failed", text: "POST /jobs answered 202 without a job" };
        return { kind: "accepted", boot: accepted.data.boot ?? null, beats: accepted.data.beats ?? false };
      }
      if (answer.status === 401 || answer.status < 400 || answer.status >= 500) {
        return { kind: "failed", text: `POST /jobs answered ${answer.status}` };
      }
      return { kind: "refused", error: errorOf(answer) };
    },
    ask: async (jobId, controlKey) => {
      const answer = await call(pathOf(jobId), { headers: headersOf(controlKey) }, CALL_TIMEOUT_MS);
      if (answer.kind === "failed") return answer;
      if (answer.status === 404) return { kind: "unknown-job" };
      if (answer.status === 401) return { kind: "not-ours" };
      const view = HarnessView.safeParse(answer.body);
      if (answer.status !== 200 || !view.success) {
        return { kind: "failed", text: `GET /jobs answered ${answer.status}` };
      }
      return { kind: "known", view: view.data };
    },
    tellStop: async (jobId, stop, controlKey) => {
      const init = { method: "DELETE", body: JSON.stringify(stop), headers: headersOf(controlKey) };
      const answer = await call(pathOf(jobId), init, CALL_TIMEOUT_MS);
      if (answer.kind === "failed") return answer;
      return answer.status === 202
        ? { kind: "told" }
        : { kind: "failed", text: `DELETE /jobs answered ${answer.status}: ${errorOf(answer)}` };
    },
  };
}

type Answer = { readonly kind: "answer"; readonly status: number; readonly body: unknown };

/** Splices the envelope into the caller's JSON, whose other bytes reach the harness as they came. */
function withEnvelope(spec: string, envelope: AttemptEnvelope): string {
  const inner = spec.trim().slice(1);
  const comma = inner.trimStart().startsWith("}") ? "" : ",";
  return `{${JSON.stringify(ATTEMPT_FIELD)}:${JSON.stringify(envelope)}${comma}${inner}`;
}

function headersOf(controlKey: string): Record<string, string> {
  return { "content-type": "application/json", [SECRET_HEADER]: controlKey };
}

function pathOf(jobId: string): string {
  return `/jobs/${encodeURIComponent(jobId)}`;
}

function errorOf(answer: Answer): string {
  const error = HarnessError.safeParse(answer.body);
  return error.success
    ? error.data.error.slice(0, Limits.reasonChars)
    : `the harness answered ${answer.status}`;
}

/** What a container answers is an agent's neighbour's word: bounded as it arrives, and its depth measured before any walk. */
async function readJson(response: Response): Promise<unknown> {
  const body = await readBounded(response, Limits.terminalBeatBytes);
  if (!body.ok) throw new Error(body.error);
  if (body.bytes.byteLength === 0) return null;
  const parsed = parseBoundedJson(body.bytes, {
    maxBytes: Limits.terminalBeatBytes,
    maxDepth: Limits.nestingDepth,
  });
  if (parsed.ok) return parsed.value;
  if (parsed.code === "invalid-json") return null; // No JSON is an answer too: the status says what it was.
  throw new Error(parsed.error);
}
