import type { Answer } from "../input.ts";
import type { Attempt, Job } from "../state.ts";
import { nextBeatMs } from "./beats.ts";
import { finishAsTold, noteUnknownGap } from "./ending.ts";
import { declareLost } from "./dying.ts";
import { endedWhileStopping } from "./stopping.ts";
import { patchJob, scaled, type Turn } from "./turn.ts";

/** Between the first unanswered question and the second. */
export const SECOND_QUESTION_MS = 5_000;

/**
 * No beat for the whole window: ask before believing anything. A watchdog that was itself asleep does not convict:
 * where the alarm came late, beats that are being retried get one more interval first.
 */
export function silenceExpired(turn: Turn, job: Job, current: Attempt): void {
  const latenessMs = turn.now - (current.aliveAt + job.policy.silenceMs);
  if (latenessMs > nextBeatMs(job) && !current.forgiven) {
    const aliveAt = turn.now - job.policy.silenceMs + nextBeatMs(job);
    patchJob(turn, job.jobId, { current: { ...current, aliveAt, forgiven: true } });
    return;
  }
  ask(turn, job, current, 1);
}

/** Time for the second question. */
export function questionDue(turn: Turn, job: Job, current: Attempt): void {
  ask(turn, job, current, 2);
}

/** An answer that knows the job counts as a beat; two failures, an unknown job or another boot mean that it is lost. */
export function onAnswered(turn: Turn, job: Job, current: Attempt, answer: Answer): void {
  if (job.status !== "running" && job.status !== "stopping") return;
  switch (answer.kind) {
    case "known": {
      const known = patchJob(turn, job.jobId, { current: { ...current, aliveAt: turn.now, question: null } });
      const { view } = answer;
      if (view.state === "running") return;
      // The terminal beat brings the last events with it; the end alone is taken when none comes for another window.
      if (!current.endSeen) {
        patchJob(turn, job.jobId, {
          current: { ...current, aliveAt: turn.now, question: null, endSeen: true },
        });
        return;
      }
      const terminal =
        view.state === "done"
          ? { state: "done" as const, result: view.result ?? {} }
          : {
              state: "failed" as const,
              error: view.error ?? "the harness gave no reason",
              ...(view.failureCause === undefined ? {} : { failureCause: view.failureCause }),
              ...(view.detail === undefined ? {} : { detail: view.detail }),
              ...(view.result === undefined ? {} : { result: view.result }),
            };
      const told = noteUnknownGap(turn, known, "the end was fetched without its last events");
      if (told.stop === null) finishAsTold(turn, told, terminal);
      else endedWhileStopping(turn, told, told.stop, terminal);
      return;
    }
    case "unknown-job":
      lost(turn, job, "the harness answers but does not know the job");
      return;
    case "other-boot":
      lost(turn, job, "the harness that answers was started anew");
      return;
    case "no-answer":
      if (current.question === null) return;
      if (current.question.number === 2) {
        lost(turn, job, `two questions were not answered: ${answer.text}`);
        return;
      }
      patchJob(turn, job.jobId, {
        current: {
          ...current,
          question: { number: 1, state: "waiting", at: turn.now + scaled(job, SECOND_QUESTION_MS) },
        },
      });
  }
}

/** A job that is being stopped is past asking: its stop goes on by its own deadlines. */
function lost(turn: Turn, job: Job, why: string): void {
  if (job.stop === null) declareLost(turn, job, why);
}

function ask(turn: Turn, job: Job, current: Attempt, number: 1 | 2): void {
  patchJob(turn, job.jobId, { current: { ...current, question: { number, state: "asked", at: turn.now } } });
  turn.effects.push({ kind: "ask", instance: current.instance, jobId: job.jobId, attempt: job.attempt });
}
