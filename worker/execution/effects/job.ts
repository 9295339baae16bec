import type { AttemptEnvelope } from "../../../shared/harness-wire.ts";
import type { Effect } from "../effect.ts";
import type { HarnessClient } from "./harness-client.ts";
import type { Answer } from "../input.ts";
import { nextBeatMs } from "../lifecycle/pace.ts";
import { type Job, jobOf } from "../state.ts";
import { attemptOf, type EffectDeps, instanceOf, type JobEffect, waitingJob } from "./deps.ts";

const POST_PAUSE_MS = 500;
/** How much later than the object's deadlines the harness's own timers stand. */
const HARNESS_MARGIN_MS = 120_000;
const CHECKPOINT_MS = 60_000;

export async function post(effect: JobEffect, deps: EffectDeps): Promise<void> {
  const { instance, jobId, attempt } = effect;
  for (let job = waitingJob(effect, deps); job !== null; job = waitingJob(effect, deps)) {
    const [spec, control, beat] = await Promise.all([
      deps.vault.openSpec(job),
      controlKeyOf(job, instance, deps),
      deps.vault.beatKey(job, { instance, attempt }),
    ]);
    if (spec === null || control === null || beat === null) {
      deps.apply({ kind: "spec-unreadable", jobId, attempt });
      return;
    }
    if (waitingJob(effect, deps) === null) return;
    const posted = await deps.harness.post(spec, envelopeOf(job, instance, beat, deps), control);
    switch (posted.kind) {
      case "accepted":
        deps.apply({
          kind: "accepted",
          instance,
          jobId,
          attempt,
          boot: posted.boot,
          beats: posted.beats,
        });
        return;
      case "refused":
        deps.apply({
          kind: "refused",
          instance,
          jobId,
          attempt,
          error: await deps.vault.redactText(job, posted.error),
        });
        return;
      case "failed":
        deps.apply({ kind: "probe-noted", instance, text: posted.text });
        await deps.timer.sleep(POST_PAUSE_MS);
    }
  }
}

/** A question to a silent harness, or a read of one that is not heard. */
export async function ask(kind: "answered" | "polled", effect: JobEffect, deps: EffectDeps): Promise<void> {
  const { instance, jobId, attempt } = effect;
  const job = attemptOf(effect, deps);
  if (job === null) return;
  const control = await controlKeyOf(job, instance, deps);
  if (control === null) {
    deps.apply({ kind: "spec-unreadable", jobId, attempt });
    return;
  }
  const answer = answerOf(await deps.harness.ask(jobId, control), job);
  const safe =
    answer.kind === "known" ? { ...answer, view: await deps.vault.redactView(job, answer.view) } : answer;
  deps.apply({ kind, instance, jobId, attempt, answer: safe });
}

export async function tellStop(
  effect: Extract<Effect, { kind: "tell-stop" }>,
  deps: EffectDeps,
): Promise<void> {
  const { instance, jobId, cause, graceMs } = effect;
  const state = deps.state();
  const job = state === null ? null : jobOf(state, jobId);
  if (job?.stop?.stage !== "cooperative" || instanceOf(deps, instance) === null) return;
  const control = await controlKeyOf(job, instance, deps);
  const told =
    control === null
      ? { kind: "failed" as const, text: "no sealing key derives the control key" }
      : await deps.harness.tellStop(jobId, { cause, graceMs }, control);
  const text =
    told.kind === "told" ? "the harness took the stop" : await deps.vault.redactText(job, told.text);
  deps.apply({ kind: "stop-told", instance, jobId, ok: told.kind === "told", text });
}

function answerOf(asked: Awaited<ReturnType<HarnessClient["ask"]>>, job: Job): Answer {
  switch (asked.kind) {
    case "known": {
      const { view } = asked;
      const boot = job.current?.boot ?? null;
      if (view.boot !== undefined && boot !== null && view.boot !== boot) return { kind: "other-boot" };
      if (view.attempt !== undefined && view.attempt !== job.attempt) return { kind: "unknown-job" };
      return { kind: "known", view };
    }
    case "unknown-job":
      return { kind: "unknown-job" };
    case "not-ours":
      return { kind: "other-boot" };
    case "failed":
      return { kind: "no-answer", text: asked.text };
  }
}

function envelopeOf(job: Job, instance: string, beatKey: string, deps: EffectDeps): AttemptEnvelope {
  const { policy } = job;
  const scale = (ms: number): number => Math.max(1, Math.round(ms * policy.scale));
  return {
    executionId: deps.state()?.executionId ?? "",
    instance,
    attempt: job.attempt,
    round: job.round,
    beatKey,
    nextBeatMs: nextBeatMs(job),
    limits: {
      cloneMs: policy.cloneMs,
      setupMs: policy.setupMs,
      pushMs: policy.pushMs,
      inactivityMs: policy.inactivityMs,
      toolSilenceMs: policy.toolSilenceMs,
      maxDurationMs: Math.max(1, policy.maxDurationMs - job.workedMs - workedBefore(job)),
      marginMs: scale(HARNESS_MARGIN_MS),
      checkpointMs: scale(CHECKPOINT_MS),
      killGraceMs: policy.killGraceMs,
    },
    ...(job.baseCommit !== null && { baseCommit: job.baseCommit }),
  };
}

/** Of max-duration, which is a total over all attempts, what was used up before this one began. */
function workedBefore({ workSince, current }: Job): number {
  return workSince === null || current === null ? 0 : Math.max(0, current.startedAt - workSince);
}

/** The key this boot of the harness keeps to; its first job's own before it has taken one. */
function controlKeyOf(job: Job, id: string, deps: EffectDeps): Promise<string | null> {
  return deps.vault.controlKey(instanceOf(deps, id)?.keyId ?? job.keyId, id);
}
