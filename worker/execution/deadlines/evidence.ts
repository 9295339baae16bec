/** Deadlines that rest on what was not seen: a sign of the harness, the end of a step, output and tools of the agent. */

import { stepLimitMs } from "../../../shared/steps.ts";
import { isAgentPhase } from "../../../shared/watchdogs.ts";
import { type Deadline, deadlineOf, withWarning } from "./deadline.ts";
import { missingSince, toolMissingSince, waitsUntil } from "./forgiving.ts";
import type { Attempt, EvidenceDeadline, Job } from "../state.ts";

/** A question ends by itself within 5 s; one that never comes back is put again, and no sooner than that. */
export const LOST_QUESTION_MS = 6_000;
const TOOL_SILENCE_WHY = "the job is stopped unless its agent finishes a tool call";

export function evidenceDeadlines(job: Job): readonly Deadline[] {
  const { current } = job;
  if (current === null) return [];
  // The end of a harness that is not heard is only learnt by reading it, also while it is being stopped.
  if (job.status === "stopping" && job.stop?.stage === "cooperative") return pollDeadlines(job, current);
  if (job.status !== "running") return [];
  return [...pollDeadlines(job, current), ...silenceDeadlines(job, current), ...workDeadlines(job, current)];
}

/** When tool-silence would pass as soon as an agent that is silent altogether prints: what it printed may be on its way. */
export function toolSilenceOnceItPrints(job: Job): number | null {
  const { current, phase, policy } = job;
  if (current === null || job.status !== "running" || !isAgentPhase(phase)) return null;
  return toolMissingSince(job, current) + policy.toolSilenceMs;
}

/**
 * For people, while the agent has been silent altogether since its last tool call and so nothing is due: when tool-silence
 * stops it once it prints. A silent one is stopped at its inactivity, so that it is no earlier than that.
 */
export function expectedToolSilence(job: Job, standing: readonly Deadline[]): readonly Deadline[] {
  const at = toolSilenceOnceItPrints(job);
  const find = (name: Deadline["name"]) => standing.find((each) => each.name === name);
  const inactivity = find("inactivity");
  if (at === null || inactivity === undefined || find("tool-silence") !== undefined) return [];
  const latest = Math.max(at, inactivity.at, job.extended["tool-silence"] ?? 0);
  return [{ ...deadlineOf(job, "tool-silence", latest, TOOL_SILENCE_WHY), extendable: true }];
}

function pollDeadlines(job: Job, { polling }: Attempt): readonly Deadline[] {
  if (polling === null) return [];
  return [deadlineOf(job, "poll", polling.nextAt, "the harness is read, since it is not heard")];
}

function silenceDeadlines(job: Job, current: Attempt): readonly Deadline[] {
  const { question } = current;
  if (question === null) {
    const why = "the harness is asked whether it lives unless it beats";
    return [standing(job, current, "silence", { limitMs: job.policy.silenceMs, why })];
  }
  // An effect that died with its incarnation is run again on wake; the window bounds a question that never came back.
  return question.state === "waiting"
    ? [deadlineOf(job, "question", question.at, "the harness is asked a second time")]
    : [
        deadlineOf(
          job,
          "question",
          question.at + Math.max(job.policy.silenceMs, LOST_QUESTION_MS),
          "the question is put again",
        ),
      ];
}

function workDeadlines(job: Job, current: Attempt): readonly Deadline[] {
  // The harness has said that the job ended: only its last events are waited for. And while it is asked whether it lives,
  // nobody knows in which step it is, or what its agent does.
  if (current.endSeen || current.question !== null) return [];
  return isAgentPhase(job.phase) ? agentDeadlines(job, current) : stepDeadlines(job, current);
}

function stepDeadlines(job: Job, current: Attempt): readonly Deadline[] {
  const limitMs = stepLimitMs(job.phase, job.policy);
  if (limitMs === null) return [];
  const why = `the step may take ${Math.round(limitMs / 1000)} s`;
  return withWarning(job, standing(job, current, "step", { limitMs, why }), limitMs);
}

function agentDeadlines(job: Job, current: Attempt): readonly Deadline[] {
  const { inactivityMs, toolSilenceMs, coldStartMs } = job.policy;
  const silent = "the job is stopped unless its agent shows activity";
  const inactivity = standing(job, current, "inactivity", { limitMs: inactivityMs, why: silent });
  const found: Deadline[] = [...withWarning(job, inactivity, inactivityMs)];
  if (missingSince(job, current, "tool-silence") !== null) {
    const toolSilence = standing(job, current, "tool-silence", {
      limitMs: toolSilenceMs,
      why: TOOL_SILENCE_WHY,
    });
    found.push(...withWarning(job, toolSilence, toolSilenceMs));
  }
  if (!current.coldNoted && (job.outputAt ?? 0) < current.phaseSince) {
    const why = "people are told that the agent has printed nothing yet";
    found.push(deadlineOf(job, "cold-start", current.phaseSince + coldStartMs, why));
  }
  return found;
}

function standing<Name extends Exclude<EvidenceDeadline, "starting">>(
  job: Job,
  current: Attempt,
  name: Name,
  { limitMs, why }: { readonly limitMs: number; readonly why: string },
): Deadline & { readonly name: Name } {
  const evidenceAt = missingSince(job, current, name) ?? current.phaseSince;
  const asked = isExtendable(name) ? (job.extended[name] ?? 0) : 0;
  const at = Math.max(evidenceAt + limitMs, waitsUntil(job, current, name), asked);
  return { ...deadlineOf(job, name, at, why), extendable: isExtendable(name) };
}

function isExtendable(name: EvidenceDeadline): name is "inactivity" | "tool-silence" {
  return name === "inactivity" || name === "tool-silence";
}
