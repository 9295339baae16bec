/** The execution's place among all that may have a live container: asked for before a start, given back when none lives. */

import { earliestAt } from "../deadlines.ts";
import type { SlotOutcome } from "../input.ts";
import { activeJob, awaitsStart, type ExecutionState, type Job } from "../state.ts";
import { cut, patchJob, scaled, type Turn } from "./turn.ts";

/** A place in the line lapses after 5 min without being asked for again. */
const ASK_AGAIN_MS = 30_000;
const ASK_AGAIN_AFTER_ERROR_MS = 5_000;

/** Whether a container may be started for this job; asks for the slot where it is not held. */
export function hasSlot(turn: Turn, job: Job): boolean {
  const { slot } = turn.state;
  if (slot.kind === "held") return true;
  if (slot.kind === "waiting" && turn.now < slot.askAt) return false;
  ask(turn, job);
  return false;
}

/** Nothing lives and nothing is to: somebody else may have the slot. */
export function giveSlotBack(turn: Turn): void {
  if (turn.state.slot.kind === "none") return;
  turn.state = { ...turn.state, slot: { kind: "none" } };
  turn.effects.push({ kind: "give-slot" });
}

/** When one that gave its slot back acts next: its alarm may be lost, and nothing else would find it. Null: nothing is left. */
export function watchedUntil(state: ExecutionState): number | null {
  return activeJob(state) === null ? null : earliestAt(state);
}

export function onSlot(turn: Turn, answer: SlotOutcome): void {
  const { slot } = turn.state;
  // An answer that comes after the slot was given back is that of a question before it.
  if (slot.kind !== "waiting") return;
  const job = activeJob(turn.state);
  switch (answer.kind) {
    case "granted":
      turn.state = { ...turn.state, slot: { kind: "held" } };
      return;
    case "waiting": {
      const { position, live, max } = answer;
      turn.state = { ...turn.state, slot: { ...slot, place: { position, live, max } } };
      tell(turn, job, `waiting for a slot: place ${position} in the line, ${live} of ${max} are taken`);
      return;
    }
    case "unreachable": {
      const askAt = turn.now + scaled(job, ASK_AGAIN_AFTER_ERROR_MS);
      turn.state = { ...turn.state, slot: { ...slot, askAt } };
      tell(turn, job, `no slot could be asked for: ${cut(answer.text, 500)}`);
    }
  }
}

export function onSlotHint(turn: Turn): void {
  const job = activeJob(turn.state);
  if (turn.state.slot.kind === "waiting" && job !== null) ask(turn, job);
}

function ask(turn: Turn, job: Job): void {
  const { slot } = turn.state;
  const place = slot.kind === "waiting" ? slot.place : null;
  const askAt = turn.now + Math.min(ASK_AGAIN_MS, scaled(job, ASK_AGAIN_MS));
  turn.state = { ...turn.state, slot: { kind: "waiting", askAt, place } };
  turn.effects.push({ kind: "ask-slot" });
}

/** What a job waits for is shown on it, and is the reason where it waits too long. */
function tell(turn: Turn, job: Job | null, text: string): void {
  if (job === null || !awaitsStart(job) || job.starts.lastError === text) return;
  const phase = job.status === "queued" ? "waiting for a slot" : job.phase;
  patchJob(turn, job.jobId, { phase, starts: { ...job.starts, lastError: text } });
}
