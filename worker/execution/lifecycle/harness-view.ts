import type { HarnessView } from "../../../shared/harness-wire.ts";
import type { Terminal } from "../../../shared/job-result.ts";
import { Limits } from "../../../shared/limits.ts";
import { jobOf } from "../state.ts";
import { knownProgress, storeFollowUp, storeSpan } from "./telemetry.ts";
import { patchJob, type Turn } from "./turn.ts";

/** Of the telemetry that a reading drained: what is stored of it. */
export type Kept = "all" | "follow-ups" | "nothing";

/**
 * What a read of the harness tells. Its telemetry is drained by the reading, so it is stored before anything else comes of
 * it. Where beats are to bring it, it is left to them, save the follow-ups of one that is not heard: told twice they are
 * known again, and an agent's question must not wait for its end. The container's clock is only compared with itself.
 */
export function takeView(turn: Turn, jobId: string, view: HarnessView, kept: Kept): void {
  if (kept === "all") storeSpans(turn, jobId, view);
  if (kept !== "nothing") for (const each of view.followUps ?? []) storeFollowUp(turn, jobId, each);
  const job = jobOf(turn.state, jobId);
  if (!job?.current) return;
  const { current } = job;
  const { polling } = current;
  const before = polling?.heartbeatAt ?? 0;
  const isActive = before > 0 && view.heartbeatAt > before;
  // Reading drains the spans, so those of a later reading have ended since the one before.
  const hasFinishedTool = before > 0 && (view.spans ?? []).length > 0;
  const phase = view.phase.slice(0, Limits.phaseChars);
  const isMoved = job.status === "running" && view.state === "running" && phase !== job.phase;
  patchJob(turn, jobId, {
    ...(isMoved && { phase }),
    ...(view.progress !== undefined && { progress: knownProgress(view.progress) }),
    ...(isActive && { outputAt: turn.now, heartbeatAt: turn.now }),
    ...(hasFinishedTool && { toolAt: turn.now }),
    current: {
      ...current,
      aliveAt: turn.now,
      question: null,
      phaseSince: isMoved ? turn.now : current.phaseSince,
      polling: polling === null ? null : { ...polling, heartbeatAt: Math.max(before, view.heartbeatAt) },
    },
  });
}

/** The end that a view tells of. */
export function terminalOf(view: HarnessView): Terminal {
  if (view.state === "done") return { state: "done", result: view.result ?? {} };
  return {
    state: "failed",
    error: view.error ?? "the harness gave no reason",
    ...(view.failureCause !== undefined && { failureCause: view.failureCause }),
    ...(view.detail !== undefined && { detail: view.detail }),
    ...(view.result !== undefined && { result: view.result }),
  };
}

function storeSpans(turn: Turn, jobId: string, { spans = [] }: HarnessView): void {
  for (const { tool, startedAt, endedAt, ok } of spans) {
    const durationMs = Math.max(0, endedAt - startedAt);
    storeSpan(turn, jobId, { tool, ok, durationMs, startedAt: turn.now - durationMs, endedAt: turn.now });
  }
  if (spans.length > 0) patchJob(turn, jobId, { toolAt: turn.now });
}
