/** What of a checkout is the job's work: everything it holds beyond one commit. */

import { type Step, done } from "../process/step.ts";
import { findElsewhere } from "./elsewhere.ts";
import { joinHistory } from "./join-history.ts";
import { type Outbox, type Tips, collectTips, isAncestor, isBeyond } from "./outbox.ts";

export type Work =
  | { readonly kind: "none" }
  /** `aside` is a commit with work of its own that is on neither the pushed branch nor below it. */
  | { readonly kind: "commit"; readonly commit: string; readonly aside: string | null };

export type FindWork = {
  readonly branch: string;
  /** Beyond it there is work: what the first attempt began from, or what this one did where none before pushed anything. */
  readonly baseCommit: string;
  /** What this attempt's agent began with. */
  readonly startCommit: string;
  readonly signal?: AbortSignal;
};

export type FoundWork = Work & {
  readonly tips: Tips;
  /** The agent's history had nothing in common with the one it was given, and the tips are its files put on that one. */
  readonly isJoined: boolean;
  /** Commits that may be work and go nowhere: where it is on none of the two tips, and no one branch has all of it. */
  readonly leftBehind: readonly string[];
};

/**
 * Collects the checkout's tips and chooses between them. An agent may have left the branch it was given: then its work
 * is what is checked out, unless the branch itself holds work that the checked out commit does not contain.
 */
export async function findWork(outbox: Outbox, options: FindWork): Promise<Step<FoundWork>> {
  const collected = await collectTips(outbox, options.branch, options.signal);
  if (!collected.ok) return collected;
  const joined = await joinTips(outbox, collected.value, options.startCommit);
  if (!joined.ok) return joined;
  const tips = joined.value;
  const isJoined = tips.head !== collected.value.head || tips.branch !== collected.value.branch;
  const head = await onlyBeyond(outbox, tips.head, options.baseCommit);
  const branch = tips.branch === tips.head ? head : await onlyBeyond(outbox, tips.branch, options.baseCommit);
  const work = await choose(outbox, head, branch);
  if (work.kind === "commit") return done({ tips, isJoined, ...work, leftBehind: [] });
  const found = await lookElsewhere(outbox, options);
  return found.ok ? done({ tips, isJoined, ...found.value }) : found;
}

/** The work of an agent that went back to where it began is on another branch. */
async function lookElsewhere(
  outbox: Outbox,
  { startCommit, signal }: FindWork,
): Promise<Step<Work & Pick<FoundWork, "leftBehind">>> {
  const found = await findElsewhere(outbox, { base: startCommit, signal });
  if (!found.ok) return found;
  const { branches, stash } = found.value;
  const stashed = stash === null ? [] : [stash];
  const [only, ...others] = branches;
  if (only === undefined || others.length > 0) {
    return done({ kind: "none", leftBehind: [...branches, ...stashed] });
  }
  const commit = await joinHistory(outbox, only, startCommit);
  if (!commit.ok) return commit;
  if (commit.value === startCommit) return done({ kind: "none", leftBehind: stashed });
  return done({ kind: "commit", commit: commit.value, aside: null, leftBehind: stashed });
}

async function joinTips(outbox: Outbox, { head, branch }: Tips, start: string): Promise<Step<Tips>> {
  const joinedHead = head === null ? done(null) : await joinHistory(outbox, head, start);
  if (!joinedHead.ok) return joinedHead;
  if (branch === null || branch === head) {
    return done({ head: joinedHead.value, branch: branch === null ? null : joinedHead.value });
  }
  const joinedBranch = await joinHistory(outbox, branch, start);
  return joinedBranch.ok ? done({ head: joinedHead.value, branch: joinedBranch.value }) : joinedBranch;
}

async function choose(outbox: Outbox, head: string | null, branch: string | null): Promise<Work> {
  if (head === null && branch === null) return { kind: "none" };
  if (head === null || branch === null || head === branch) {
    return { kind: "commit", commit: head ?? branch ?? "", aside: null };
  }
  if (await isAncestor(outbox, branch, head)) return { kind: "commit", commit: head, aside: null };
  const isBehind = await isAncestor(outbox, head, branch);
  return { kind: "commit", commit: branch, aside: isBehind ? null : head };
}

async function onlyBeyond(outbox: Outbox, tip: string | null, base: string): Promise<string | null> {
  return tip !== null && (await isBeyond(outbox, tip, base)) ? tip : null;
}
