/** Publishes commits of the outbox at the job's remote. Nothing of somebody else's is ever overwritten. */

import { isSuccess } from "../process/exit.ts";
import { type Step, done, failed } from "../process/step.ts";
import { gitFailure } from "./git.ts";
import { type Outbox, inOutbox, isAncestor } from "./outbox.ts";
import { readRemoteBranch } from "./remote-branch.ts";
import type { Remote } from "./remote.ts";

export type PushTarget = {
  readonly remote: Remote;
  readonly branch: string;
  /** Where the remote's branch stood before the job's first push; null where it was not there. */
  readonly startedAt: string | null;
};

export type Push = {
  readonly commit: string;
  /** What this job pushed last; null before its first push. */
  readonly lastPushed: string | null;
  /** What this job has tried to push since: the server may have taken one of these, and its answer be lost. */
  readonly tried: ReadonlySet<string>;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
};

/**
 * Pushes one commit to the job's branch. A branch that somebody else moved is `branch-contended`; only commits that this
 * job pushed itself may be replaced, and only while they are still what the remote has.
 */
export async function push(outbox: Outbox, target: PushTarget, options: Push): Promise<Step<null>> {
  const { commit, lastPushed } = options;
  const { startedAt } = target;
  const ref = `refs/heads/${target.branch}`;
  const isRewritten = lastPushed !== null && !(await isAncestor(outbox, lastPushed, commit));
  if (isRewritten && startedAt !== null && !(await isAncestor(outbox, startedAt, commit))) {
    return undoing(target);
  }
  const lease = isRewritten ? [`--force-with-lease=${ref}:${lastPushed}`] : [];
  const args = ["push", "--porcelain", ...lease, "--", target.remote.url, `${commit}:${ref}`];
  const command = { ...inOutbox(outbox, options.signal), timeoutMs: options.timeoutMs };
  const end = await outbox.git.try(args, { ...command, remote: target.remote });
  if (isSuccess(end.exit)) return done(null);
  const rejection = findRejection(end.stdout);
  const withReport = { ...end, stderrLines: [...end.stderrLines, ...reportLines(end.stdout)] };
  if (rejection !== "moved") return gitFailure(args, withReport);
  return pushOverMoved(outbox, target, options, gitFailure(args, withReport));
}

/**
 * A refused push was overtaken, would have undone commits that were there before the job, or meets a commit of the job's
 * own that the server took without a word: that one may be replaced.
 */
async function pushOverMoved(
  outbox: Outbox,
  target: PushTarget,
  options: Push,
  failure: Step<never>,
): Promise<Step<null>> {
  const expected = options.lastPushed ?? target.startedAt;
  const { remote, branch } = target;
  const { timeoutMs, signal } = options;
  const found = await readRemoteBranch(outbox.git, {
    ...inOutbox(outbox, signal),
    remote,
    branch,
    timeoutMs,
  });
  // a branch that was not there and is not there was moved by nobody: `cat` stands in the way of `cat/1`, for example
  if (!found.ok || (found.value === null && expected === null)) return failure;
  if (found.value === expected) return undoing(target);
  if (found.value !== null && options.tried.has(found.value)) {
    return push(outbox, target, { ...options, lastPushed: found.value, tried: new Set() });
  }
  const at = found.value === null ? "was deleted" : `is at ${found.value.slice(0, 12)}`;
  return failed(
    "branch-contended",
    `branch '${branch}' was moved by somebody else: it ${at}; nothing was overwritten`,
  );
}

function undoing({ branch }: PushTarget): Step<never> {
  return failed(
    "git",
    `the agent's work does not go on from what '${branch}' had before it began, and conflicts with it or adds nothing; the commits from before are left as they are`,
  );
}

/** `!` lines of `git push --porcelain`: "!\t<from>:<to>\t[rejected] (fetch first)". */
export function findRejection(report: string): "moved" | "other" | null {
  const line = report.split("\n").find((candidate) => candidate.startsWith("!\t"));
  if (line === undefined) return null;
  const summary = line.split("\t")[2] ?? "";
  const isMoved = /^\[rejected\] \((?:fetch first|non-fast-forward|stale info|needs force)\)/.test(summary);
  // two pushes at once are told apart only by the server, when it takes the ref's lock or compares it
  const isOvertaken =
    /^\[remote rejected\] \(.*(?:cannot lock ref|failed to update ref|fetch first|non-fast-forward)/;
  return isMoved || isOvertaken.test(summary) ? "moved" : "other";
}

/** What the server said of each ref that it refused. */
export function reportLines(report: string): readonly string[] {
  return report.split("\n").filter((line) => line.startsWith("!\t"));
}
