/** A checkout to work in, and the clean repository beside it that its work is pushed from. */

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type Publisher, type SaveRequest, createPublisher } from "../flows/publisher.ts";
import { type CheckoutPlan, type GitIdentity, makeCheckout } from "../git/checkout.ts";
import { type Git, createGit } from "../git/git.ts";
import { collectTips, createOutbox } from "../git/outbox.ts";
import { readRemoteBranch } from "../git/remote-branch.ts";
import { type Remote, toRemote } from "../git/remote.ts";
import type { Untracked } from "../git/untracked.ts";
import type { Environment } from "../process/environment.ts";
import { type Step, done, failed } from "../process/step.ts";
import { systemClock } from "../system.ts";

export type WorkspaceOptions = {
  /** Absolute; exists, empty, and stays the caller's to remove. */
  readonly folder: string;
  /** `https:`, or `http:`. No list of hosts is consulted: whoever calls decides where the token goes. */
  readonly cloneUrl: string;
  /** For clone and push; is in no file, argument or environment variable of a child. */
  readonly token: string;
  /** The branch that is cloned. */
  readonly branch: string;
  /** The branch that is pushed: made off `branch`, or resumed where the remote has it. Absent: `branch` itself. */
  readonly newBranch?: string;
  /** The whole history with all branches; else the newest commit. */
  readonly isFull?: boolean;
  /** Who commits are by. */
  readonly identity: GitIdentity;
  /** git is found by its PATH, and gets an allow-listed part of it. */
  readonly env: Environment;
  /** Of a clone, a fetch and a push each, in milliseconds; 600,000 unless given. */
  readonly timeoutMs?: number;
  /** Aborted to end whatever is under way. */
  readonly signal?: AbortSignal;
  /** What a person may want to know and no result says; `text` is unredacted. */
  readonly onNote?: (code: string, text: string) => void;
};

export type Workspace = {
  /** Where an agent works; absolute. */
  readonly checkout: string;
  /** A folder beside it for what is no part of the repository, such as an agent's home; absolute. */
  readonly scratch: string;
  /** The branch that is pushed. */
  readonly branch: string;
  /** The commit work begins from. */
  readonly startCommit: string;
  /**
   * Commits what nobody committed of tracked files, under this message, and finds the work: what the checkout holds beyond
   * `startCommit`. Null commits nothing: for an agent that failed and may have left a file half edited. Nothing of the
   * checkout's hooks, filters or configuration runs. May be called again.
   */
  readonly save: (message: string | null) => Promise<Step<SavedWork>>;
  /**
   * Pushes a commit that `save` found. Idempotent. Fails with cause `branch-contended` where somebody else moved the
   * branch, and never overwrites what this workspace has not pushed itself.
   */
  readonly push: (commit: string) => Promise<Step<null>>;
};

export type SavedWork = {
  /** The newest commit of the work; null where there is none. */
  readonly commit: string | null;
  /** Commits that may be work and are not below `commit`. */
  readonly leftBehind: readonly string[];
  /** New files that nobody added to git: they stay behind. */
  readonly untracked: Untracked;
};

/** Clones. Every failure is a value, with cause `git`; texts are unredacted, and hold no token of ours. */
export async function openWorkspace(options: WorkspaceOptions): Promise<Step<Workspace>> {
  const remote = toRemote(options.cloneUrl, options.token);
  if (remote === null) return failed("git", "'cloneUrl' must be an http or https URL");
  const { folder, branch, newBranch = branch, timeoutMs = 600_000 } = options;
  const signal = options.signal ?? new AbortController().signal;
  const places = {
    checkout: join(folder, "checkout"),
    scratch: join(folder, "scratch"),
    harness: join(folder, "harness"),
  };
  for (const path of Object.values(places)) await mkdir(path, { mode: 0o700 });
  const git = await createGit({ folder: places.harness, environment: options.env, killGraceMs: 5_000 });
  const reading = { remote, cwd: places.harness, timeoutMs, signal };
  const work = await chooseWork(git, { ...reading, branch, newBranch });
  if (!work.ok) return work;
  const made = await makeCheckout(git, {
    remote,
    folder: places.checkout,
    branch,
    work: work.value,
    isFull: options.isFull ?? false,
    identity: options.identity,
    timeoutMs,
    signal,
  });
  if (!made.ok) return made;
  const outbox = await createOutbox(git, {
    folder: join(places.harness, "outbox.git"),
    worktree: places.checkout,
  });
  if (!outbox.ok) return outbox;
  // what the checkout begins with is collected at once: later only new commits travel
  const collected = await collectTips(outbox.value, newBranch, signal);
  if (!collected.ok) return collected;
  const { startCommit, clonedCommit } = made.value;
  const startedAt = work.value.kind === "create" ? null : clonedCommit;
  const publisher = createPublisher({
    outbox: outbox.value,
    target: { remote, branch: newBranch, startedAt },
    baseCommit: startCommit,
    startCommit,
    context: {
      report: { note: options.onNote ?? (() => undefined), output: () => undefined },
      noPush: signal,
      // nothing here runs beside an agent
      limits: { pushMs: timeoutMs, checkpointMs: Number.MAX_SAFE_INTEGER },
    },
    clock: systemClock,
  });
  const { checkout, scratch } = places;
  return done({
    checkout,
    scratch,
    branch: newBranch,
    startCommit,
    save: (message) =>
      save(publisher, message === null ? null : { message, identity: options.identity, ours: [] }),
    push: publisher.publish,
  });
}

async function save(publisher: Publisher, request: SaveRequest | null): Promise<Step<SavedWork>> {
  const collected = await publisher.collect(request);
  if (!collected.ok) return collected;
  const { work, leftBehind, untracked } = collected.value;
  if (work.kind === "none") return done({ commit: null, leftBehind, untracked });
  const aside = work.aside === null ? [] : [work.aside];
  return done({ commit: work.commit, leftBehind: [...leftBehind, ...aside], untracked });
}

async function chooseWork(
  git: Git,
  place: {
    readonly remote: Remote;
    readonly cwd: string;
    readonly timeoutMs: number;
    readonly signal: AbortSignal;
    readonly branch: string;
    readonly newBranch: string;
  },
): Promise<Step<CheckoutPlan["work"]>> {
  const { branch, newBranch, ...reading } = place;
  if (newBranch === branch) return done({ kind: "branch-itself" });
  const found = await readRemoteBranch(git, { ...reading, branch: newBranch });
  if (!found.ok) return found;
  return done({ kind: found.value === null ? "create" : "resume", newBranch });
}
