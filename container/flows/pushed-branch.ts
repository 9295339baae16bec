/** The job's branch at the remote: what the job has brought to it, and brings to it next. */

import type { FlowLimits, JobContext, JobReport } from "../job-context.ts";
import { keepHistory } from "../git/join-history.ts";
import type { Outbox } from "../git/outbox.ts";
import { type PushTarget, push } from "../git/push.ts";
import { type Step, done, failed } from "../process/step.ts";

export type PushedBranchOptions = {
  readonly outbox: Outbox;
  readonly target: PushTarget;
  /** The commit this attempt's agent began from. */
  readonly startCommit: string;
  readonly context: Pick<JobContext, "noPush"> & {
    readonly report: Pick<JobReport, "note" | "output">;
    readonly limits: Pick<FlowLimits, "pushMs">;
  };
};

export type PushedBranch = {
  /** Pushes a commit unless it is what the remote has already. */
  readonly publish: (commit: string) => Promise<Step<null>>;
  /** Puts the branch back to where it was before this job's first push; a new one, which stays, to where it was made. */
  readonly takeBack: () => Promise<Step<null>>;
  /** The last commit this job pushed; null where it has pushed none, or taken all back. */
  readonly lastPushed: () => string | null;
};

export function createPushedBranch(options: PushedBranchOptions): PushedBranch {
  const { outbox, target, context, startCommit } = options;
  const { branch, startedAt } = target;
  const before = startedAt ?? startCommit;
  let lastPushed: string | null = null;
  let isHistoryKept = false;
  const tried = new Set<string>();

  const publish = async (found: string): Promise<Step<null>> => {
    const kept = await keepHistory(outbox, found, { kept: startedAt, start: startCommit });
    if (!kept.ok) return kept;
    const commit = kept.value;
    // a checkpoint tells it first, and every later one would
    if (commit !== found && !isHistoryKept) {
      const text = `The agent's work does not go on from what '${branch}' had before it began: its changes are one commit on ${startCommit}.`;
      context.report.note("history-kept", text);
      isHistoryKept = true;
    }
    if (commit === lastPushed || (lastPushed === null && commit === startedAt)) return done(null);
    if (context.noPush.aborted) return failed("git", "nothing may be pushed any more");
    tried.add(commit);
    const pushed = await push(outbox, target, {
      commit,
      lastPushed,
      tried,
      timeoutMs: context.limits.pushMs,
      signal: context.noPush,
    });
    if (!pushed.ok) return pushed;
    lastPushed = commit;
    tried.clear();
    context.report.output("harness", `pushed ${commit.slice(0, 12)} to ${branch}`);
    return pushed;
  };

  return {
    publish,
    takeBack: async () => (lastPushed === null ? done(null) : publish(before)),
    lastPushed: () => (lastPushed === before ? null : lastPushed),
  };
}
