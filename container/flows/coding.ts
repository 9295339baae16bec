/** The ordinary coding job: clone, agent, push, pull request. */

import type { CodingJob } from "../../shared/job-body.ts";
import type { JobResult, Terminal } from "../../shared/job-result.ts";
import { agentOf } from "../agents/agents.ts";
import { type AgentEnd, agentFailure } from "../agents/run-agent.ts";
import { openChangeRequest } from "../hosting/change-request.ts";
import type { Failure } from "../process/step.ts";
import { workWithAgent } from "./agent-phase.ts";
import { type CodingDesk, openCodingDesk } from "./coding-desk.ts";
import type { FlowOptions } from "./desk.ts";
import { endDone, endFailed, endStopped } from "./ending.ts";
import type { Collected, SaveRequest } from "./publisher.ts";
import { workOf } from "./stats.ts";
import { takeBack } from "./taken-back.ts";
import { lastWords, neverActedClause } from "./texts.ts";
import { ownPaths } from "./workplace.ts";

export type CodingOptions = FlowOptions<CodingJob>;

export async function runCoding(options: CodingOptions): Promise<Terminal> {
  const { job, context } = options;
  const opened = await openCodingDesk(options);
  if (context.stop.aborted) return endStopped(context);
  if (!opened.ok) return endFailed(context, opened.failure);
  const desk = opened.value;
  context.report.phase("agent");
  const end = await workWithAgent({
    ...options,
    desk,
    workplace: desk.workplace,
    beside: desk.publisher.runCheckpoints,
  });
  const run: CodingRun = { ...options, desk, end };
  if (context.stop.aborted) return endAfterStop(run);
  const failure = agentFailure(agentOf(job), end, context.redact);
  if (failure !== null) return endAfterFailure(run, { cause: "agent", text: failure });
  return publishWork(run, saveRequest(job, options));
}

type CodingRun = CodingOptions & { readonly desk: CodingDesk; readonly end: AgentEnd };

/** What is left over of a stopped job leaves in one last push, unless nothing may leave any more. */
async function endAfterStop(run: CodingRun): Promise<Terminal> {
  await pushWhatThereIs(run, saveRequest(run.job, run));
  return endStopped(run.context, toResult(run));
}

/** Commits of an agent that failed are kept for whoever goes on; what it left half-edited is not published. */
async function endAfterFailure(run: CodingRun, failure: Failure): Promise<Terminal> {
  await pushWhatThereIs(run, null);
  return run.context.stop.aborted
    ? endStopped(run.context, toResult(run))
    : endFailed(run.context, failure, toResult(run));
}

async function publishWork(run: CodingRun, save: SaveRequest): Promise<Terminal> {
  const { context, desk, job } = run;
  const collected = await desk.publisher.collect(save);
  if (context.stop.aborted) return endAfterStop(run);
  if (!collected.ok) return endFailed(context, collected.failure, toResult(run));
  reportRest(run, collected.value);
  const { work } = collected.value;
  if (work.kind === "none") {
    await takeBack({ ...desk, context, branch: job.pushBranch }, collected.value);
    return context.stop.aborted ? endStopped(context, toResult(run)) : endWithoutChanges(run);
  }
  context.report.phase("push");
  const pushed = await desk.publisher.publish(work.commit);
  if (!pushed.ok) {
    return context.stop.aborted
      ? endStopped(context, toResult(run))
      : endFailed(context, pushed.failure, toResult(run));
  }
  const result: JobResult = { ...toResult(run), pushed: true };
  if (context.stop.aborted) return endStopped(context, result);
  if (job.pr === undefined) return endDone(result);
  return endWithPullRequest(run, job.pr, result);
}

async function endWithPullRequest(
  { job, context, fetch, clock, random }: CodingRun,
  pr: NonNullable<CodingJob["pr"]>,
  result: JobResult,
): Promise<Terminal> {
  const { repo, githubApiBase, ghToken: token, pushBranch: head } = job;
  const opened = await openChangeRequest(
    { repo, githubApiBase, token, ...pr, head, base: repo.baseBranch },
    { fetch, clock, redact: context.redact, signal: context.stop, jitter: random.fraction },
  );
  if (opened.ok) return endDone({ ...result, prUrl: opened.value });
  return context.stop.aborted ? endStopped(context, result) : endFailed(context, opened.failure, result);
}

function endWithoutChanges(run: CodingRun): Terminal {
  const { job, end } = run;
  const result = toResult(run);
  if (!job.noChangesIsError) return endDone(result);
  const cause = neverActedClause(end.transcript);
  return endDone({
    ...result,
    error: `the agent produced no file changes${cause}.${lastWords(end)}`,
    failureCause: "no-changes",
  });
}

/** A last push that does not decide how the job ends; its own failure is a note. */
async function pushWhatThereIs({ desk, context }: CodingRun, save: SaveRequest | null): Promise<void> {
  if (context.noPush.aborted) return;
  const collected = await desk.publisher.collect(save);
  const pushed =
    !collected.ok || collected.value.work.kind === "none"
      ? collected
      : await desk.publisher.publish(collected.value.work.commit);
  if (pushed.ok || context.noPush.aborted) return;
  context.report.note("last-push-failed", `The last push failed: ${pushed.failure.text}`);
}

/** What of the agent's work stays behind. */
function reportRest({ context }: CodingRun, { work, leftBehind, untracked }: Collected): void {
  const aside = work.kind === "commit" && work.aside !== null ? [work.aside] : [];
  for (const commit of [...aside, ...leftBehind]) {
    context.report.note("work-left-behind", `Commit ${commit} is on no pushed branch.`);
  }
  const { count, first } = untracked;
  if (count === 0) return;
  const more = count > first.length ? ", …" : "";
  context.report.note(
    "untracked-files",
    `${count} untracked files were not pushed: ${first.join(", ")}${more}`,
  );
}

function saveRequest(job: CodingJob, { identity }: Pick<CodingOptions, "identity">): SaveRequest {
  return { message: job.commitMessage, identity, ours: ownPaths(job) };
}

function toResult({ job, desk, end }: CodingRun): JobResult {
  const pushed = desk.publisher.lastPushed() !== null;
  return { pushed, branch: job.pushBranch, ...workOf(job, end.transcript) };
}
