/** The one push that may replace a history: a new repository's branch, as long as it is what it was. */

import { isSuccess } from "../process/exit.ts";
import { type Step, done, failed } from "../process/step.ts";
import { gitFailure } from "./git.ts";
import { type Outbox, inOutbox } from "./outbox.ts";
import { type PushTarget, findRejection, reportLines } from "./push.ts";

/**
 * Puts a commit in the place of a branch's history, which must be at `startedAt` still; a branch that somebody else
 * moved, or made, is `branch-contended`.
 */
export async function replaceBranch(
  outbox: Outbox,
  { remote, branch, startedAt }: PushTarget,
  options: { readonly commit: string; readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<Step<null>> {
  const ref = `refs/heads/${branch}`;
  const lease = `--force-with-lease=${ref}:${startedAt ?? ""}`;
  const args = ["push", "--porcelain", lease, "--", remote.url, `${options.commit}:${ref}`];
  const command = { ...inOutbox(outbox, options.signal), timeoutMs: options.timeoutMs };
  const end = await outbox.git.try(args, { ...command, remote });
  if (isSuccess(end.exit)) return done(null);
  if (findRejection(end.stdout) === "moved") {
    return failed(
      "branch-contended",
      `branch '${branch}' of the new repository was changed by somebody else while the job worked; nothing was overwritten`,
    );
  }
  return gitFailure(args, { ...end, stderrLines: [...end.stderrLines, ...reportLines(end.stdout)] });
}
