/** The way of a stop, from the wish to the proof of death, with what was seen at each stage. */
import type { JobView } from "../../../../shared/job-view.ts";
import type { Note } from "../../../../shared/note.ts";

export type StageName = "asked" | "told" | "sigterm" | "destroy" | "dead";
export type Stage = {
  readonly name: StageName;
  /** `now`: reached, and what comes next is waited for. `skipped`: the stop ended without it. */
  readonly state: "done" | "now" | "ahead" | "failed" | "skipped";
  /** When it was reached. */
  readonly at: number | null;
  readonly evidence: readonly Note[];
};

const order = ["asked", "told", "sigterm", "destroy", "dead"] as const satisfies readonly StageName[];

/** The notes in which the object tells of a stop, and which stage each is evidence of. */
const stageOf: Readonly<Record<string, StageName>> = {
  "stop-requested": "asked",
  observed: "asked",
  "stop-delivered": "told",
  "stop-not-delivered": "told",
  "harness-ended": "told",
  sigterm: "sigterm",
  "signal-15-sent": "sigterm",
  "signal-15-failed": "sigterm",
  destroy: "destroy",
  "destroy-requested": "destroy",
  "death-not-proved": "destroy",
  dead: "dead",
};
const failures: ReadonlySet<string> = new Set(["stop-not-delivered", "signal-15-failed"]);

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
  const notes = exit === null || isProved || state === "running" ? told : [...told, noteOf(exit)];
  const found = order.map((name) => notes.filter(({ code }) => stageOf[code] === name));
  const last = found.findLastIndex((evidence) => evidence.length > 0);
  return order.map((name, index) => {
    const evidence = found[index] ?? [];
    return { name, state: stateOf(evidence, index, last, state), at: evidence[0]?.at ?? null, evidence };
  });
}

function stateOf(
  evidence: readonly Note[],
  index: number,
  last: number,
  state: JobView["state"],
): Stage["state"] {
  if (evidence.length === 0) return state !== "running" || index < last ? "skipped" : "ahead";
  if (evidence.every(({ code }) => failures.has(code))) return "failed";
  return state === "running" && index === last && index < order.length - 1 ? "now" : "done";
}

function noteOf({ at, code, by }: NonNullable<JobView["exit"]>): Note {
  return { at, code: "dead", text: `exit code ${code ?? "unknown"}, seen by ${by}` };
}
