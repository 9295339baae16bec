/** Brings a checkout's work to the remote: now and then while the agent works, and once more when it has ended. */

import type { FlowLimits } from "../job-context.ts";
import type { Clock } from "../ports.ts";
import { type Step, done } from "../process/step.ts";
import { type Outbox, isAncestor } from "../git/outbox.ts";
import { type GitIdentity } from "../git/checkout.ts";
import { type Edits, saveEdits } from "../git/save-edits.ts";
import { type Work, findWork } from "../git/work.ts";
import { type PushedBranch, type PushedBranchOptions, createPushedBranch } from "./pushed-branch.ts";

export type PublisherOptions = PushedBranchOptions & {
  /** Beyond it there is work: what the first attempt began from, or what this one did where none before pushed anything. */
  readonly baseCommit: string;
  readonly context: PublisherContext;
  readonly clock: Clock;
};

/** What of a job's context its pushes have to do with. */
export type PublisherContext = PushedBranchOptions["context"] & {
  readonly limits: Pick<FlowLimits, "checkpointMs">;
};

export type SaveRequest = {
  readonly message: string;
  readonly identity: GitIdentity;
  readonly ours: readonly string[];
};

/** The work, the files that no commit holds, and other commits that go nowhere. */
export type Collected = {
  readonly work: Work;
  readonly untracked: Edits["untracked"];
  readonly leftBehind: readonly string[];
};

export type Publisher = PushedBranch & {
  /** Pushes what has been committed, at every interval until `signal` is aborted; resolves when nothing is under way. */
  readonly runCheckpoints: (signal: AbortSignal) => Promise<void>;
  /** Finds the work, after committing edits of tracked files where `save` says how. */
  readonly collect: (save: SaveRequest | null) => Promise<Step<Collected>>;
};

export function createPublisher(options: PublisherOptions): Publisher {
  const { outbox, target, context, clock, baseCommit, startCommit } = options;
  const { branch } = target;
  const find = () => findWork(outbox, { branch, baseCommit, startCommit, signal: context.noPush });
  const pushedBranch = createPushedBranch(options);
  let isHistoryJoined = false;
  let failures = 0;

  const checkpoint = async (): Promise<void> => {
    const found = await find();
    const pushed =
      !found.ok || found.value.kind === "none" ? found : await pushedBranch.publish(found.value.commit);
    if (pushed.ok || context.noPush.aborted) return;
    failures += 1;
    // the first, the second, the fourth, …: a remote that is down for hours fills no list of notes
    if (!Number.isInteger(Math.log2(failures))) return;
    const { text } = pushed.failure;
    context.report.note("checkpoint-failed", `Checkpoint push failed (${failures} so far): ${text}`);
  };

  const collect = async (save: SaveRequest | null): Promise<Step<Collected>> => {
    const found = await find();
    if (!found.ok) return found;
    const { tips, isJoined, leftBehind } = found.value;
    const committed: Collected = { work: found.value, untracked: { count: 0, first: [] }, leftBehind };
    if (isJoined && !isHistoryJoined) {
      const text = `The agent began a history of its own: its files were put on ${startCommit}.`;
      context.report.note("history-joined", text);
      isHistoryJoined = true;
    }
    // without a commit that is checked out, as in a repository that was only just made, all files are edits
    const head = tips.head ?? tips.branch ?? startCommit;
    if (save === null) return done(committed);
    const isOtherHistory = isJoined || tips.head === null;
    const saved = await saveEdits(outbox, { ...save, head, isOtherHistory });
    if (!saved.ok) {
      if (found.value.kind === "none") return saved;
      // what is committed need not be lost with what cannot be saved
      context.report.note("edits-not-saved", `Uncommitted edits could not be saved: ${saved.failure.text}`);
      return done(committed);
    }
    const { commit, untracked, refused } = saved.value;
    reportRefused(context, refused);
    const work = commit === null ? found.value : await withSaved(outbox, found.value, head, commit);
    return done({ work, untracked, leftBehind });
  };

  return {
    ...pushedBranch,
    collect,
    runCheckpoints: async (signal) => {
      while (await isSlept(clock, context.limits.checkpointMs, signal)) await checkpoint();
    },
  };
}

export function reportRefused(
  { report }: Pick<PublisherContext, "report">,
  refused: readonly string[],
): void {
  if (refused.length === 0) return;
  report.note("edits-not-saved", `Uncommitted edits could not be saved: ${refused.join("; ")}`);
}

/** The saved edits stand on what is checked out: they are the work unless the work is elsewhere. */
async function withSaved(outbox: Outbox, work: Work, head: string, saved: string): Promise<Work> {
  if (work.kind === "none" || work.commit === head) return { kind: "commit", commit: saved, aside: null };
  const isBelow = await isAncestor(outbox, work.commit, head);
  return isBelow ? { kind: "commit", commit: saved, aside: null } : { ...work, aside: saved };
}

function isSlept(clock: Clock, ms: number, signal: AbortSignal): Promise<boolean> {
  return clock.sleep(ms, signal).then(
    () => true,
    () => false,
  );
}
