import type { HarnessView } from "../../../shared/harness-wire.ts";
import type { Answer } from "../input.ts";
import { type Attempt, type Job, jobOf } from "../state.ts";
import { declareLost } from "./dying.ts";
import { finishAsTold } from "./ending.ts";
import { noteUnknownGap } from "./unsent.ts";
import { type Kept, takeView, terminalOf } from "./harness-view.ts";
import { beginPolling } from "./polling.ts";
import { endedWhileStopping } from "./stopping.ts";
import { patchJob, scaled, type Turn } from "./turn.ts";

/** Between the first unanswered question and the second. */
export const SECOND_QUESTION_MS = 5_000;

/** So many answers in a row while no beat came mean that beats do not arrive. */
const ANSWERS_UNHEARD = 2;

/** No beat for the whole window: ask before believing anything. */
export function silenceExpired(turn: Turn, job: Job, current: Attempt): void {
  ask(turn, job, current, 1);
}

/** Time for the second question, or for one again that nothing came of: its answer may be late, and counts once. */
export function questionDue(turn: Turn, job: Job, current: Attempt): void {
  const { question } = current;
  ask(turn, job, current, question?.state === "asked" ? question.number : 2);
}

/** An answer that knows the job counts as a beat; two failures, an unknown job or another boot mean that it is lost. */
export function onAnswered(turn: Turn, job: Job, current: Attempt, answer: Answer): void {
  if (answer.kind === "known" && bringsEndOfLost(turn, job, answer.view)) return;
  if (job.status !== "running" && job.status !== "stopping") return;
  switch (answer.kind) {
    case "known":
      answered(turn, job, answer.view);
      return;
    case "unknown-job":
      lost(turn, job, "the harness answers but does not know the job");
      return;
    case "other-boot":
      lost(turn, job, "the harness that answers was started anew");
      return;
    case "no-answer":
      unanswered(turn, job, current, answer.text);
  }
}

/** What a poll comes to: it counts as a beat where it knows the job, and one that fails is left to the silence it adds to. */
export function onPolled(turn: Turn, job: Job, current: Attempt, answer: Answer): void {
  if (answer.kind === "known" && bringsEndOfLost(turn, job, answer.view)) return;
  const { polling } = current;
  if (polling === null || answer.kind === "no-answer") return;
  if (answer.kind !== "known" || polling.why === "unheard") {
    onAnswered(turn, job, current, answer);
    return;
  }
  if (job.status !== "running" && job.status !== "stopping") return;
  takeView(turn, job.jobId, answer.view, "all");
  const told = jobOf(turn.state, job.jobId);
  if (told !== null && answer.view.state !== "running") endAsAnswered(turn, told, answer.view);
}

/** A lost attempt may bring its end until its successor is written, by an answer as by a beat: it is not done again. */
function bringsEndOfLost(turn: Turn, job: Job, view: HarnessView): boolean {
  if (job.status !== "recovering" || view.state === "running") return false;
  endAsAnswered(turn, job, view);
  return true;
}

/** The harness says that the job has ended; a terminal beat would have brought the last events with it. */
function endAsAnswered(turn: Turn, job: Job, view: HarnessView): void {
  // What a harness without beats tells of is all there is; of another the last events may be missing.
  const isWhole = job.current?.polling?.why === "no-beats";
  const told = isWhole ? job : noteUnknownGap(turn, job, "the end was fetched without its last events");
  const terminal = terminalOf(view);
  if (told.stop === null) finishAsTold(turn, told, terminal);
  else endedWhileStopping(turn, told, told.stop, terminal);
}

function answered(turn: Turn, job: Job, view: HarnessView): void {
  takeView(turn, job.jobId, view, keptOf(job));
  const known = jobOf(turn.state, job.jobId);
  if (!known?.current) return;
  const { current } = known;
  if (view.state !== "running") {
    // The end alone is taken when no beat brings it for another window.
    if (current.endSeen) endAsAnswered(turn, known, view);
    else patchJob(turn, job.jobId, { current: { ...current, endSeen: true, ...toldBy(view) } });
    return;
  }
  const answersUnheard = current.answersUnheard + 1;
  const counted = { ...current, answersUnheard };
  patchJob(turn, job.jobId, { current: counted });
  if (answersUnheard >= ANSWERS_UNHEARD && current.polling === null)
    beginPolling(turn, known, counted, "unheard");
}

/** Beats that do not arrive may still bring their spans; where there are none, nothing else tells of them. */
function keptOf({ current }: Job): Kept {
  if (current?.polling == null) return "nothing";
  return current.polling.why === "no-beats" ? "all" : "follow-ups";
}

/** A row of the database bounds what is kept of it until the end is stored. */
const TOLD_CHARS = 512 * 1024;

function toldBy(view: HarnessView): Pick<Attempt, "endTold"> {
  const endTold = terminalOf(view);
  return JSON.stringify(endTold).length > TOLD_CHARS ? {} : { endTold };
}

function unanswered(turn: Turn, job: Job, current: Attempt, text: string): void {
  const { question } = current;
  if (question?.state !== "asked") return;
  if (question.number === 2) {
    lost(turn, job, `two questions were not answered: ${text}`);
    return;
  }
  const at = turn.now + scaled(job, SECOND_QUESTION_MS);
  patchJob(turn, job.jobId, { current: { ...current, question: { number: 1, state: "waiting", at } } });
}

/** A job that is being stopped is past asking, and so is one whose container's exit was seen: that is judged by itself. */
function lost(turn: Turn, job: Job, why: string): void {
  const isJudged = turn.state.instance?.exit != null;
  if (job.stop === null && !isJudged) declareLost(turn, job, why);
}

function ask(turn: Turn, job: Job, current: Attempt, number: 1 | 2): void {
  patchJob(turn, job.jobId, { current: { ...current, question: { number, state: "asked", at: turn.now } } });
  turn.effects.push({ kind: "ask", instance: current.instance, jobId: job.jobId, attempt: job.attempt });
}
