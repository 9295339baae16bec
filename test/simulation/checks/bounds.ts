import { Limits } from "../../../shared/limits.ts";
import { type Job, jobOf } from "../../../worker/execution/state.ts";
import type { Check } from "../checks.ts";
import type { Seen } from "../ledger.ts";
import { LATER_FIELD } from "../stored.ts";

export const boundChecks: readonly Check[] = [
  { promise: "invariant 14", check: rowsAreBounded },
  { promise: "invariant 14", check: beatsStayWithinTheirRate },
  { promise: "invariant 15", check: laterFieldsSurvive },
];

/** A text of a note, with the mark of what was cut. */
const NOTE_CHARS = 2_000 + 40;
const JOB_CHARS = 450_000;

function rowsAreBounded({ after, before, stepped, site }: Seen): string | null {
  const fat = stepped.events.find(({ body }) => JSON.stringify(body).length > Limits.eventBytes + 200);
  if (fat !== undefined) return `an event of kind ${fat.kind} is larger than an event may be`;
  if ((after?.starts.length ?? 0) > 8) return "more starts are remembered than an hour may see";
  for (const job of after?.jobs ?? []) {
    if (before !== null && jobOf(before, job.jobId) === job) continue;
    const swollen = swollenPartOf(job);
    if (swollen !== null) return `${swollen} of ${job.jobId} has grown past its bound`;
    if (site.ledger.steps % 64 === 0 && JSON.stringify(job).length > JOB_CHARS)
      return `the row of ${job.jobId}`;
  }
  return null;
}

function swollenPartOf(job: Job): string | null {
  const { notes, gaps, logTail, recoveries, stop, tokens } = job;
  if (notes.length > Limits.notesPerJob || notes.some(({ text }) => text.length > NOTE_CHARS)) return "notes";
  if (gaps.length > Limits.notesPerJob) return "gaps";
  if (logTail.length > Limits.logTailLines) return "logTail";
  if (logTail.some((line) => line.length > Limits.logTailLineChars)) return "logTail";
  if (recoveries.length > Limits.recoveriesPerRound) return "recoveries";
  if ((stop?.evidence.length ?? 0) > Limits.evidencePerJob) return "evidence";
  return tokens.length > 20 ? "tokens" : null;
}

/** A harness that is told to beat faster than beats are taken would be refused for doing as it was told. */
function beatsStayWithinTheirRate({ stepped }: Seen): string | null {
  if (stepped.reply.kind !== "beat") return null;
  const { nextBeatMs } = stepped.reply.reply;
  return nextBeatMs >= 1_000 / Limits.beatsPerSecond ? null : `a beat is asked for every ${nextBeatMs} ms`;
}

/** What a later version wrote is still there after every step of this one. */
function laterFieldsSurvive({ after, before }: Seen): string | null {
  if (before === null || after === null) return null;
  if (LATER_FIELD in before && !(LATER_FIELD in after)) return "a field of the execution is gone";
  for (const job of before.jobs) {
    const next = jobOf(after, job.jobId);
    if (LATER_FIELD in job && next?.round === job.round && !(LATER_FIELD in next))
      return `a field of ${job.jobId}`;
  }
  return null;
}
