/** The bootstrap job: a reference or an empty folder, agent, a new history with what is there then. */

import { lstat } from "node:fs/promises";
import { basename, join } from "node:path";
import type { CodingJob } from "../../shared/job-body.ts";
import type { JobResult, Terminal } from "../../shared/job-result.ts";
import { agentOf } from "../agents/agents.ts";
import { type AgentEnd, agentFailure } from "../agents/run-agent.ts";
import { commitTree, copyCheckoutIndex } from "../git/outbox-index.ts";
import type { Outbox } from "../git/outbox.ts";
import { makePlainFiles } from "../git/plain-files.ts";
import { lookAtFiles } from "../git/quarantine.ts";
import { type FolderTree, makeFolderTree } from "../git/reinit.ts";
import { replaceBranch } from "../git/replace-branch.ts";
import { type Step, failed } from "../process/step.ts";
import { workWithAgent } from "./agent-phase.ts";
import { type BootstrapDesk, type BootstrapJob, openBootstrapDesk } from "./bootstrap-desk.ts";
import type { FlowOptions } from "./desk.ts";
import { endDone, endFailed, endStopped } from "./ending.ts";
import { workOf } from "./stats.ts";
import { lastWordsOrReply, neverActedSentence } from "./texts.ts";
import { ownNames } from "./workplace.ts";

type Options = FlowOptions<BootstrapJob>;

export async function runBootstrap(given: FlowOptions<CodingJob>): Promise<Terminal> {
  const options = { ...given, job: atRoot(given.job) };
  const { job, context } = options;
  const opened = await openBootstrapDesk(options);
  if (context.stop.aborted) return endStopped(context);
  if (!opened.ok) return endFailed(context, opened.failure);
  const desk = opened.value;
  context.report.phase("agent");
  const end = await workWithAgent({ ...options, desk, workplace: desk.folders.checkout });
  const result = workOf(job, end.transcript);
  if (context.stop.aborted) return endStopped(context, result);
  const failure = agentFailure(agentOf(job), end, context.redact);
  if (failure !== null) return endFailed(context, { cause: "agent", text: failure }, result);
  const made = await readProduct(options, desk);
  if (context.stop.aborted) return endStopped(context, result);
  if (!made.ok) return endFailed(context, made.failure, result);
  const { tree, complaints } = made.value;
  if (complaints.length > 0) {
    context.report.note("files-left-out", `Files that git could not take: ${complaints.join("; ")}`);
  }
  if (tree === null || tree === desk.reference?.tree) return endWithoutProduct(options, end, result);
  return publish(options, desk, { tree, result });
}

/** The new repository is none of the caller's monorepo: the agent works at its root. */
function atRoot(job: CodingJob): BootstrapJob {
  const { bootstrap } = job;
  if (bootstrap === undefined) throw new Error("a bootstrap job names its target");
  const { serviceDirectory: _, ...repo } = job.repo;
  return { ...job, bootstrap, repo };
}

/** What the agent's own index tracks counts also where it is ignored; without one, what the reference's does. */
async function readProduct(
  { context, user, env }: Options,
  { folders, outbox, reference }: BootstrapDesk,
): Promise<Step<FolderTree>> {
  const bounds = { timeoutMs: context.limits.cloneMs, signal: context.stop };
  const isRepository =
    (await lstat(join(folders.checkout, ".git")).catch(() => null))?.isDirectory() === true;
  const { killGraceMs } = context.limits;
  const look = async (at: Outbox): Promise<Step<FolderTree>> => {
    const theirs = join(at.folder, "index-theirs");
    const hasIndex = isRepository && (await copyCheckoutIndex(at, theirs));
    const plain = await makePlainFiles({ folder: folders.checkout, user, env, killGraceMs, ...bounds });
    if (!plain.ok) return plain;
    const ofReference = reference === null ? null : join(at.folder, basename(reference.index));
    return makeFolderTree(at, { tracked: hasIndex ? theirs : ofReference, ours: ownNames, ...bounds });
  };
  const indexes = reference === null ? [] : [reference.index];
  return lookAtFiles(outbox, { indexes, look, toObject: ({ tree }) => tree });
}

async function publish(
  { job, context, identity }: Options,
  { outbox, target }: BootstrapDesk,
  { tree, result }: { readonly tree: string; readonly result: JobResult },
): Promise<Terminal> {
  const { owner, name } = job.repo;
  const message = job.bootstrap.fromScratch ? "Bootstrap new repository" : `Bootstrap from ${owner}/${name}`;
  const commit = await commitTree(outbox, { tree, parents: [], message, identity });
  if (context.stop.aborted) return endStopped(context, result);
  if (!commit.ok) return endFailed(context, commit.failure, result);
  context.report.phase("push");
  const pushed = context.noPush.aborted
    ? failed("git", "nothing may be pushed any more")
    : await replaceBranch(outbox, target, {
        commit: commit.value,
        timeoutMs: context.limits.pushMs,
        signal: context.noPush,
      });
  if (pushed.ok) context.report.output("harness", `pushed ${commit.value.slice(0, 12)} to ${target.branch}`);
  const ended = pushed.ok ? { defaultBranch: target.branch, ...result } : result;
  if (context.stop.aborted) return endStopped(context, ended);
  return pushed.ok ? endDone(ended) : endFailed(context, pushed.failure, ended);
}

function endWithoutProduct({ job, context }: Options, end: AgentEnd, result: JobResult): Terminal {
  const { toolCalls, assistantChars } = end.transcript;
  const what = job.bootstrap.fromScratch
    ? "scaffolded no files"
    : "made no changes to the reference architecture";
  const acted = ` (tool calls: ${toolCalls}, assistant output: ${assistantChars} chars).`;
  const tail = lastWordsOrReply(end, context.redact);
  return endDone({
    ...result,
    error: `the bootstrapper agent ${what}${acted}${neverActedSentence(end.transcript)}${tail}`,
    failureCause: "agent",
  });
}
