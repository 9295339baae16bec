/** The way of a stop, from the wish to the proof of death, with what was seen at each stage. */
import type { JobView } from "../../../../shared/job-view.ts";
import type { Note } from "../../../../shared/note.ts";
import { exitNote } from "../seen-notes.ts";

export type StageName = (typeof stageCodes)[number][0];
export type Stage = {
  readonly name: StageName;
  /** `now`: reached, and what comes next is waited for. `skipped`: the stop ended without it. */
  readonly state: "done" | "now" | "ahead" | "failed" | "skipped";
  /** When it was reached. */
  readonly at: number | null;
  readonly evidence: readonly Note[];
};

/** The stages in their order, and the notes in which the object tells of each. */
const stageCodes = [
  ["asked", ["stop-requested", "observed"]],
  ["told", ["stop-delivered", "stop-not-delivered", "harness-ended"]],
  ["sigterm", ["sigterm", "signal-15-sent", "signal-15-failed"]],
  ["destroy", ["destroy", "destroy-requested"]],
  ["dead", ["dead", "death-not-proved"]],
] as const satisfies ReadonlyArray<readonly [string, readonly string[]]>;
const failures: ReadonlySet<string> = new Set(["stop-not-delivered", "signal-15-failed", "death-not-proved"]);

/** The stages of the stop of a job's newest round; empty where none was asked for. */
export function stopStages({
  state,
  stop,
  outcome,
  exit,
}: Pick<JobView, "state" | "stop" | "outcome" | "exit">): readonly Stage[] {
  const told = stop?.evidence ?? outcome?.evidence ?? [];
  if (!told.some(({ code }) => code === "stop-requested")) return [];
  const isProved = told.some(({ code }) => code === "dead");
  // A harness may end the job before its container is dead: the end of that one is seen afterwards.
  const notes =
    exit === null || isProved || state === "running" ? told : [...told, { ...exitNote(exit), code: "dead" }];
  const found = stageCodes.map(([name, codes]) => ({
    name,
    evidence: notes.filter(({ code }) => codes.some((each) => each === code)),
  }));
  const last = found.findLastIndex(({ evidence }) => evidence.length > 0);
  return found.map(({ name, evidence }, index) => ({
    name,
    state: stateOf(evidence, index, last, state),
    at: evidence[0]?.at ?? null,
    evidence,
  }));
}

/** What is known of the container's death. One that no stage reached may still run: its harness can end the job by itself. */
export function stopWords(
  { state, container }: Pick<JobView, "state" | "container">,
  stages: readonly Stage[],
): string {
  if (state === "running") return "It counts as stopped once its container's death is proved.";
  const last = stages.findLast(({ at }) => at !== null);
  if (last?.name === "asked" && container?.running !== true) return "It ended without a container to stop.";
  return last?.name === "dead" && last.state === "done"
    ? "The container's death was proved."
    : "The container's death was not seen.";
}

function stateOf(
  evidence: readonly Note[],
  index: number,
  last: number,
  state: JobView["state"],
): Stage["state"] {
  if (evidence.length === 0) return state !== "running" || index < last ? "skipped" : "ahead";
  if (evidence.every(({ code }) => failures.has(code))) return "failed";
  return state === "running" && index === last && index < stageCodes.length - 1 ? "now" : "done";
}
