/** What an explore job or a preview works with: the branch as it is, of which nothing is pushed. */

import { join } from "node:path";
import type { ExploreJob, PreviewJob } from "../../shared/job-body.ts";
import { excludeFromGit, makeCheckout } from "../git/checkout.ts";
import { type Step, done } from "../process/step.ts";
import { type Desk, type FlowOptions, handOverCheckout, openDesk } from "./desk.ts";
import { findWorkplace, layContextFiles, ownNames } from "./workplace.ts";

export type ExploreDesk = Desk & {
  /** The working directory of the agent, or of what is served. */
  readonly workplace: string;
};

/** Clones, and lays the context files of an agent that is to read them. */
export async function openExploreDesk(
  options: FlowOptions<ExploreJob | PreviewJob>,
): Promise<Step<ExploreDesk>> {
  const { job, context, identity, place } = options;
  const desk = await openDesk(options);
  if (!desk.ok) return desk;
  const { folders, git, remote } = desk.value;
  context.report.phase("clone");
  const checkout = await makeCheckout(git, {
    remote,
    folder: folders.checkout,
    branch: job.branch,
    work: { kind: "branch-itself" },
    kept: place.kept,
    // what an agent compares with is as new as what it looks at
    baseBranch: job.repo.baseBranch,
    isFull: job.full,
    identity,
    timeoutMs: context.limits.cloneMs,
    signal: context.stop,
  });
  if (!checkout.ok) return checkout;
  const workplace = await findWorkplace(folders.checkout, job);
  if (!workplace.ok) return workplace;
  if (job.mode === "explore") {
    for (const name of ownNames) await excludeFromGit(join(folders.checkout, ".git"), name);
    await layContextFiles(workplace.value, job);
  }
  await handOverCheckout(options, folders);
  return done({ ...desk.value, workplace: workplace.value });
}
