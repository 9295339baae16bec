/** Of every limit of a job's policy, what is left of it. */
import type { DeadlineName, JobView } from "../../../../shared/job-view.ts";
import type { Policy } from "../../../../shared/policy.ts";
import { stepLimitMs } from "../../../../shared/steps.ts";
import type { Timeline } from "../timeline/timeline.ts";

export type Limit = {
  readonly key: LimitKey;
  readonly limitMs: number;
  /** Of a limit on a sum: what of it was used. Null where it bounds each silence or each start anew. */
  readonly usedMs: number | null;
  /** Null where it does not stand at this time. */
  readonly remainingMs: number | null;
};

export type Budget = { readonly kind: "crash" | "transient"; readonly used: number; readonly of: number };

const keys = [
  "maxDurationMs",
  "inactivityMs",
  "toolSilenceMs",
  "silenceMs",
  "coldStartMs",
  "queuedMs",
  "startingMs",
  "cloneMs",
  "setupMs",
  "pushMs",
  "stopGraceMs",
  "killGraceMs",
  "previewMs",
  "idleMs",
  "retentionMs",
] as const satisfies readonly (keyof Policy)[];
export type LimitKey = (typeof keys)[number];

/** The deadline in which a limit stands; those of a stop are two of one name, and its stages tell them apart. */
const deadlineOf: Readonly<Partial<Record<LimitKey, DeadlineName>>> = {
  maxDurationMs: "max-duration",
  inactivityMs: "inactivity",
  toolSilenceMs: "tool-silence",
  silenceMs: "silence",
  coldStartMs: "cold-start",
  queuedMs: "queued",
  startingMs: "starting",
  cloneMs: "step",
  setupMs: "step",
  pushMs: "step",
  previewMs: "preview",
  idleMs: "idle",
  retentionMs: "retention",
};

/** @param now the server's clock */
export function limitsOf(
  view: Pick<JobView, "deadlines" | "policy" | "phase">,
  { phases }: Pick<Timeline, "phases">,
  now: number,
): readonly Limit[] {
  const { policy } = view;
  const spent = (isCounted: (name: string) => boolean): number =>
    phases.filter(({ name }) => isCounted(name)).reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);
  return keys.map((key) => {
    const limitMs = policy[key];
    const deadline = view.deadlines.find(({ name }) => name === deadlineOf[key]);
    const stands = deadline !== undefined && isOfPhase(key, view.phase);
    return {
      key,
      limitMs,
      usedMs: key === "maxDurationMs" ? spent((name) => !idlePhases.has(name)) : null,
      remainingMs: stands ? Math.max(0, deadline.at - now) : null,
    };
  });
}

export function budgetsOf({ policy, recoveries }: Pick<JobView, "policy" | "recoveries">): readonly Budget[] {
  return (["crash", "transient"] as const).map((kind) => ({
    kind,
    used: recoveries.filter(({ evicted }) => evicted === kind).length,
    of: policy.budgets[kind],
  }));
}

/** While these last, max-duration stands still. */
const idlePhases: ReadonlySet<string> = new Set(["queued", "stopping"]);

/** Three limits share the deadline of a step; the phase says which of them it is. */
const steps: readonly LimitKey[] = ["cloneMs", "setupMs", "pushMs"];

function isOfPhase(key: LimitKey, phase: string): boolean {
  const step = stepLimitMs(phase, { cloneMs: 0, setupMs: 1, pushMs: 2 });
  return !steps.includes(key) || (step !== null && steps[step] === key);
}
