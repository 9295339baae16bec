import type { ExtendableDeadline } from "../../../shared/dispatch.ts";
import { refuse } from "../../../shared/errors.ts";
import { deadlines } from "../deadlines.ts";
import { latestStopAt } from "../deadlines/job.ts";
import type { Happening } from "../input.ts";
import { isLive, type Job, jobOf } from "../state.ts";
import { emit, patchInstance, patchJob, type Turn } from "./turn.ts";

/** How far ahead a deadline may be moved. */
const FURTHEST_MS = 24 * 3_600_000;

/**
 * Moves a deadline to stand no earlier than asked. Repeating it is harmless, and asking for less than stands changes
 * nothing. Once the deadline has fired there is nothing left to move.
 */
export function onExtend(
  turn: Turn,
  { jobId, deadline, until }: Extract<Happening, { kind: "extend" }>,
): void {
  const job = jobOf(turn.state, jobId);
  if (job === null) {
    turn.reply = { kind: "refused", refusal: refuse("job-not-found", "job not found") };
    return;
  }
  if (!stands(turn, job, deadline)) {
    const error = `the ${deadline} deadline of job ${jobId} does not stand any more: ${whyNot(job)}`;
    turn.reply = { kind: "refused", refusal: refuse("already-fired", error) };
    return;
  }
  const latest = Math.min(turn.now + FURTHEST_MS, latestStopAt(job));
  if (until > latest) {
    const error = `'until' is ${until}, and may be ${latest} at most`;
    turn.reply = { kind: "refused", refusal: refuse("invalid-request", error, { latest }) };
    return;
  }
  if (until > (standingAt(turn, job, deadline) ?? 0)) move(turn, job, deadline, until);
  turn.reply = { kind: "extended", at: standingAt(turn, job, deadline) ?? until };
}

/** When it stands; null while a job waits and has no such deadline yet. */
function standingAt(turn: Turn, { jobId }: Job, deadline: ExtendableDeadline): number | null {
  const own = deadlines(turn.state).find(
    (each) => each.name === deadline && (each.jobId === null || each.jobId === jobId),
  );
  return own?.at ?? null;
}

function move(turn: Turn, job: Job, deadline: ExtendableDeadline, until: number): void {
  if (deadline === "preview") {
    const before = turn.state.instance?.previewUntil ?? 0;
    if (until <= before) return;
    patchInstance(turn, { previewUntil: until });
  } else {
    if (until <= (job.extended[deadline] ?? 0)) return;
    patchJob(turn, job.jobId, { extended: { ...job.extended, [deadline]: until } });
  }
  emit(turn, "deadline-extended", { deadline, until }, { job });
}

function stands(turn: Turn, job: Job, deadline: ExtendableDeadline): boolean {
  if (deadline !== "preview") return isLive(job) && job.stop === null;
  const { instance } = turn.state;
  const isItsOwn = instance !== null && job.current?.instance === instance.id;
  return (
    isItsOwn && instance.previewUntil !== undefined && instance.intent === null && instance.exit === null
  );
}

function whyNot(job: Job): string {
  if (job.end !== null) return `the job has ended (${job.status})`;
  return job.stop === null ? "it has no preview" : `the job is being stopped (${job.stop.cause})`;
}
