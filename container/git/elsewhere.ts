/** Work that is neither checked out nor on the job's branch: an agent that went back to it left the work behind. */

import { isSuccess } from "../process/exit.ts";
import { type Step, done } from "../process/step.ts";
import { type Outbox, collectRefs, inOutbox, listRefs } from "./outbox.ts";

export type Elsewhere = {
  /** The last commit of each line of work. */
  readonly branches: readonly string[];
  /** What was stashed last. */
  readonly stash: string | null;
};

/** More branches are no work that anybody could tell from the rest. */
const maxBranches = 50;

/** Looks at all branches; what a remote is known to have, and what `base` has, is nobody's work. */
export async function findElsewhere(
  outbox: Outbox,
  { base, signal }: { readonly base: string; readonly signal?: AbortSignal | undefined },
): Promise<Step<Elsewhere>> {
  const listed = await listRefs(outbox, ["refs/heads/*", "refs/remotes/*", "refs/stash"], signal);
  if (!listed.ok) return listed;
  const known = new Set([base]);
  const heads = new Map<string, string>();
  let stash: string | null = null;
  for (const { object, ref } of listed.value) {
    if (ref.startsWith("refs/remotes/")) known.add(object);
    else if (ref === "refs/stash") stash = object;
    else heads.set(object, ref);
  }
  const unknown = [...heads].filter(([object]) => !known.has(object)).slice(0, maxBranches);
  if (unknown.length === 0) return done({ branches: [], stash });
  const refspecs = unknown.map(([, ref], at) => `+${ref}:refs/holt/elsewhere/${at}`);
  const collected = await collectRefs(outbox, refspecs, signal);
  if (!collected.ok) return collected;
  const objects = unknown.map(([object]) => object);
  return done({ branches: await findLines(outbox, objects, base), stash });
}

/** The ends of what `base` does not hold: a branch that another one goes on from is none. */
async function findLines(
  outbox: Outbox,
  objects: readonly string[],
  base: string,
): Promise<readonly string[]> {
  const independent = await outbox.git.try(
    ["merge-base", "--independent", ...objects, base],
    inOutbox(outbox),
  );
  if (!isSuccess(independent.exit)) return [];
  return independent.stdout
    .trim()
    .split("\n")
    .filter((object) => object !== base);
}
