/** The table of fates: everything that may become of a job here, each brought about by what really brings it about. */
import type { OutcomeCode } from "../../shared/outcomes.ts";
import { agentFates } from "./fates/agent.ts";
import { containerFates } from "./fates/containers.ts";
import { doneFates } from "./fates/done.ts";
import { gitFates } from "./fates/git.ts";
import { peopleFates } from "./fates/people.ts";
import { stayingFates, waitingFates } from "./fates/staying.ts";
import type { Fate } from "./fate.ts";

/** A small load takes the first ones: each group in turn, so that few jobs differ already. */
export const fates: readonly Fate[] = [
  ...inTurn([doneFates, stayingFates, agentFates, gitFates, containerFates, peopleFates]),
  ...waitingFates,
];

/** Of what a load has more than one of each, in this order again and again. */
export const common: readonly string[] = [
  "fixed",
  "fixed",
  "explored",
  "asked",
  "fixed",
  "healed-crash",
  "nothing-changed",
  "fixed",
  "push-declined",
  "no-budget",
  "fixed",
  "cancelled",
  "stopped-by-platform",
];

/** Outcomes that nothing brings about here, and why. */
export const beyondReach: Readonly<Partial<Record<OutcomeCode, string>>> = {
  "refused-by-harness": "Worker and harness of one version read a job by the same schema",
  "harness-shutdown": "our harness never announces its end while it holds a job",
  "spec-unreadable": "the sealing key would have to change under a running Worker",
};

function inTurn(groups: readonly (readonly Fate[])[]): readonly Fate[] {
  const longest = Math.max(...groups.map(({ length }) => length));
  return Array.from({ length: longest }, (_, n) => groups.flatMap((group) => group[n] ?? [])).flat();
}
