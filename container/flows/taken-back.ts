/** Commits that a checkpoint pushed and the agent has taken back since, all of them. */

import type { JobContext } from "../job-context.ts";
import type { Collected, Publisher } from "./publisher.ts";

/**
 * They leave the branch again, unless the checkout has what may be all that is left of the work: commits that go nowhere,
 * and files that git does not track, or not any more. Whatever becomes of them is a note that names the last one.
 */
export async function takeBack(
  { publisher, context, branch }: TakeBack,
  { leftBehind, untracked }: Pick<Collected, "leftBehind" | "untracked">,
): Promise<void> {
  const commit = publisher.lastPushed();
  if (commit === null) return;
  const mayBeWork = leftBehind.length > 0 || untracked.count > 0;
  if (!mayBeWork) context.report.phase("push");
  const taken = mayBeWork ? null : await publisher.takeBack();
  const what = `The agent took back what had been pushed to '${branch}', up to commit ${commit}`;
  const end = taken?.ok === true ? "it is there no longer" : "it is there still";
  const why = taken?.ok === false ? `: ${taken.failure.text}` : ".";
  context.report.note("work-taken-back", `${what}; ${end}${why}`);
}

type TakeBack = {
  readonly publisher: Publisher;
  readonly context: Pick<JobContext, "report">;
  readonly branch: string;
};
