/** What a view tells of ends and losses beside its notes, as notes. Pure. */
import type { JobView } from "../../../shared/job-view.ts";
import type { Note } from "../../../shared/note.ts";

export function exitNote({ at, cause, code, by }: NonNullable<JobView["exit"]>): Note {
  return { at, code: `container ${cause}`, text: `exit code ${code ?? "unknown"}, seen by ${by}` };
}

export function lossNote({ at, attempt, evicted, why }: JobView["recoveries"][number]): Note {
  return { at, code: `attempt ${attempt} lost (${evicted})`, text: why };
}

export function gapNote({ at, count, reason }: JobView["gaps"][number]): Note {
  return { at, code: "gap", text: `events lost: ${count ?? "an unknown number"}; ${reason}` };
}
