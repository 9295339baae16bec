/** Which jobs a load of a size has: the same ones for the same size and name. Pure. */
import type { Fate } from "./fate.ts";
import { common, fates } from "./fates.ts";
import { models, priorities, type Project, projects } from "./team.ts";

export const MAX_LOAD = 200;

export type PlannedJob = {
  readonly fate: Fate;
  readonly executionId: string;
  readonly jobId: string;
  readonly ticket: string;
  readonly title: string;
  readonly project: Project;
  readonly branch: string;
  readonly model: string;
  readonly labels: Readonly<Record<string, string>>;
};

/**
 * In the order of their dispatch. Three jobs that stay begin among the others, so that something always lives; the rest of
 * them come last, because each keeps its slot.
 * @param name tells this load's executions from another's: lower-case letters and digits
 */
export function planLoad(count: number, name: string, table: readonly Fate[] = fates): readonly PlannedJob[] {
  const chosen = choose(count, table);
  const holders = chosen.filter(holdsSlot);
  const late = new Set(holders.slice(EARLY_HOLDERS));
  const waiting = chosen.filter((fate) => !holdsSlot(fate) && isWaiting(fate));
  const flow = chosen.filter((fate) => !late.has(fate) && !waiting.includes(fate));
  const planned: PlannedJob[] = [];
  for (const fate of [...flow, ...late, ...waiting]) planned.push(toJob(fate, planned, name));
  return planned;
}

/** How many executions may live at a time: all that keep their slots, and so many that the others get on meanwhile. */
export function slotsFor(planned: readonly PlannedJob[]): number {
  return Math.max(planned.filter(({ fate }) => holdsSlot(fate)).length, MIN_SLOTS);
}

const EARLY_HOLDERS = 3;
const MIN_SLOTS = 4;

function choose(count: number, table: readonly Fate[]): readonly Fate[] {
  const more = common.flatMap((name) => table.filter((fate) => fate.name === name));
  const chosen = table.slice(0, count);
  while (chosen.length < count && more.length > 0) chosen.push(...more.slice(0, count - chosen.length));
  return chosen;
}

function holdsSlot({ comesTo }: Fate): boolean {
  return comesTo.kind === "stays" && comesTo.holdsSlot;
}

/** Brought about by a line that is full, or by the job before it. */
function isWaiting({ comesTo, policy }: Fate): boolean {
  return comesTo.kind === "stays" || policy?.queuedMs !== undefined;
}

function toJob(fate: Fate, before: readonly PlannedJob[], name: string): PlannedJob {
  const n = before.length;
  const project = projects[n % projects.length] ?? projects[0];
  if (project === undefined) throw new Error("there is no project");
  const number = 401 + n * 3;
  const earlier = before.filter((job) => job.fate === fate).length;
  const ahead = before.find((job) => job.fate.name === fate.behind);
  const executionId = ahead?.executionId ?? `${project.key}_${name}${String(n + 1).padStart(2, "0")}`;
  const ticket = `${project.key.toUpperCase()}-${number}`;
  const title = fate.titles[earlier % fate.titles.length] ?? fate.name;
  const role = ahead === undefined ? "coder" : "tester";
  return {
    fate,
    executionId,
    jobId: `${executionId}-${role}`,
    ticket,
    title,
    project: ahead?.project ?? project,
    branch: `holt/${ticket.toLowerCase()}-${toSlug(title)}-${name}`,
    model: models[n % models.length] ?? models[0],
    labels: {
      title,
      team: (ahead?.project ?? project).team,
      priority: priorities[n % priorities.length] ?? priorities[0],
      ticket,
      fate: fate.name,
    },
  };
}

function toSlug(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .split("-")
    .filter((word) => word !== "")
    .slice(0, 4)
    .join("-");
}
