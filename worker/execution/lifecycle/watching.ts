/** The agent and its steps under watch: what a passed limit comes to, with what was seen and for how long. */

import { stepLimitMs } from "../../../shared/steps.ts";
import {
  inactivityText,
  type LastTool,
  maxDurationText,
  stepTimeoutText,
  toolSilenceText,
} from "../../../shared/watchdogs.ts";
import { deadlines } from "../deadlines.ts";
import { missingSince } from "../deadlines/forgiving.ts";
import { latestStopAt } from "../deadlines/job.ts";
import type { Attempt, Job, StoppingDeadline } from "../state.ts";
import { requestStop } from "./stopping.ts";
import { emit, noteOn, patchJob, seconds, type Turn } from "./turn.ts";

/** The agent has shown no activity, or finished no tool, for as long as it may. */
export function agentSilent(
  turn: Turn,
  job: Job,
  current: Attempt,
  name: "inactivity" | "tool-silence",
): void {
  const { inactivityMs, toolSilenceMs } = job.policy;
  const tool = lastToolOf(job, turn.now);
  const since = missingSince(job, current, name) ?? current.phaseSince;
  const asked = (job.extended[name] ?? since) - since;
  const limitMs = Math.max(name === "inactivity" ? inactivityMs : toolSilenceMs, asked);
  stopAt(turn, job, {
    cause: name === "inactivity" ? "inactivity-timeout" : "no-tool-progress",
    limitMs,
    observedMs: turn.now - since,
    text: (name === "inactivity" ? inactivityText : toolSilenceText)(limitMs, job.phase, tool),
  });
}

/** Nothing is stopped: an agent may think for long before it says a word. */
export function agentStillCold(turn: Turn, job: Job, current: Attempt): void {
  const text = `the agent has printed nothing for ${seconds(turn.now - current.phaseSince)} since it began`;
  const noted = noteOn(turn, job, "agent-cold", text);
  patchJob(turn, noted.jobId, { current: { ...current, coldNoted: true } });
}

/** People are told in time to extend it; one that has passed already is acted on, not announced. */
export function stopIsNear(turn: Turn, job: Job, name: StoppingDeadline): void {
  const stop = deadlines(turn.state).find((each) => each.jobId === job.jobId && each.name === name);
  if (stop === undefined) return;
  const warned = patchJob(turn, job.jobId, { warnedOf: { ...job.warnedOf, [name]: stop.at } });
  if (stop.at <= turn.now) return;
  const text = `in ${seconds(stop.at - turn.now)} the ${name} deadline passes: ${stop.why}`;
  noteOn(turn, warned, `${name}-near`, text);
}

/** The harness has told of no further step for as long as this one may take. */
export function stepTooLong(turn: Turn, job: Job, current: Attempt): void {
  const limitMs = stepLimitMs(job.phase, job.policy) ?? 0;
  stopAt(turn, job, {
    cause: `step-${job.phase}`,
    limitMs,
    observedMs: turn.now - current.phaseSince,
    text: stepTimeoutText(limitMs, job.phase),
  });
}

export function workedTooLong(turn: Turn, job: Job): void {
  const since = job.workSince ?? turn.now;
  const asked = job.workedMs + (job.extended["max-duration"] ?? since) - since;
  const limitMs = Math.max(job.policy.maxDurationMs, asked);
  if (turn.now >= latestStopAt(job)) {
    stopAt(turn, job, {
      cause: "max-duration",
      limitMs: latestStopAt(job) - job.acceptedAt,
      observedMs: turn.now - job.acceptedAt,
      text: "Aborted: exceeded max duration, which with all waiting since the dispatch is what its caller waits",
    });
    return;
  }
  stopAt(turn, job, {
    cause: "max-duration",
    limitMs,
    observedMs: job.workedMs + turn.now - since,
    text: maxDurationText(limitMs),
  });
}

type Passed = {
  readonly cause: string;
  readonly limitMs: number;
  readonly observedMs: number;
  readonly text: string;
};

/** A stop names the deadline, what was seen, and for how long. */
function stopAt(turn: Turn, job: Job, { cause, limitMs, observedMs, text }: Passed): void {
  emit(turn, "verdict", { cause, limitMs, observedMs, signals: signalsOf(job, turn.now) }, { job });
  const noted = noteOn(turn, job, "deadline-passed", text);
  const seen = `observed ${seconds(observedMs)}, allowed ${seconds(limitMs)}; ${signalsOf(job, turn.now)}`;
  requestStop(turn, noted, { kind: "deadline", cause, text, seen });
}

function signalsOf(job: Job, now: number): string {
  const age = (at: number | null): string => (at === null ? "never" : `${seconds(now - at)} ago`);
  return `last beat ${age(job.beatAt)}, last output ${age(job.outputAt)}, last finished tool ${age(job.toolAt)}, phase ${job.phase}`;
}

function lastToolOf({ toolName, toolAt }: Job, now: number): LastTool {
  return toolName === null || toolAt === null ? null : { name: toolName, ageMs: now - toolAt };
}
