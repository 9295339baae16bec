/** The conflict-resolution job: clone, merge the base in, agent where that stops at conflicts, push. */

import type { CodingJob } from "../../shared/job-body.ts";
import type { JobResult, Terminal } from "../../shared/job-result.ts";
import { agentOf } from "../agents/agents.ts";
import { type AgentEnd, agentFailure } from "../agents/run-agent.ts";
import { mergeMessage } from "../git/merging/merge.ts";
import { type Verdict, judgeMerge } from "../git/merging/merge-verdict.ts";
import { displayPath } from "../git/nul-records.ts";
import { workWithAgent } from "./agent-phase.ts";
import { type ConflictDesk, type ConflictJob, openConflictDesk } from "./conflict-desk.ts";
import { composeConflictPrompt } from "./conflict-prompt.ts";
import type { FlowOptions } from "./desk.ts";
import { endDone, endFailed, endStopped } from "./ending.ts";
import { type Publisher, reportRefused } from "./publisher.ts";
import { workOf } from "./stats.ts";
import { lastWordsOrReply, neverActedSentence } from "./texts.ts";
import { ownPaths } from "./workplace.ts";

type Options = FlowOptions<ConflictJob>;
type OpenConflict = Extract<ConflictDesk, { readonly kind: "conflicts" }>;

const idle = { toolCalls: 0, assistantChars: 0 } as const;

export async function runConflict(given: FlowOptions<CodingJob>): Promise<Terminal> {
  const options = { ...given, job: atRoot(given.job) };
  const { job, context } = options;
  const opened = await openConflictDesk(options);
  if (context.stop.aborted) return endStopped(context);
  if (!opened.ok) return endFailed(context, opened.failure);
  const desk = opened.value;
  if (desk.kind === "conflicts") return resolveConflicts(options, desk);
  if (desk.kind === "merged") {
    const summary = "Merged the base in cleanly (no conflicts to resolve).";
    return publish(options, desk, { branch: job.branch, summary, stats: idle });
  }
  if (desk.isPushedEarlier) {
    const summary = "The base was merged in by an earlier attempt of this job.";
    return endDone({ pushed: true, branch: job.branch, summary, stats: idle });
  }
  const summary = "No conflicts: the branch is already up to date with its base.";
  return endDone({ pushed: false, branch: job.branch, summary, stats: idle });
}

/** Conflicts are anywhere in the repository, so the agent works at its root. */
function atRoot(job: CodingJob): ConflictJob {
  const { mergeBase } = job;
  if (mergeBase === undefined) throw new Error("a conflict-resolution job names its 'mergeBase'");
  const { serviceDirectory: _, ...repo } = job.repo;
  return { ...job, mergeBase, repo };
}

async function resolveConflicts(options: Options, desk: OpenConflict): Promise<Terminal> {
  const { job, context, identity } = options;
  const { branch, mergeBase: base } = job;
  context.report.phase("agent");
  const userPrompt = composeConflictPrompt({
    base,
    branch,
    paths: desk.merge.conflicts.map(({ path }) => displayPath(path)),
    diff: desk.diff,
    userPrompt: job.userPrompt,
  });
  const end = await workWithAgent({
    ...options,
    job: { ...job, userPrompt },
    desk,
    workplace: desk.folders.checkout,
  });
  const result: JobResult = { branch, ...workOf(job, end.transcript) };
  const unpushed: JobResult = { pushed: false, ...result };
  if (context.stop.aborted) return endStopped(context, unpushed);
  const failure = agentFailure(agentOf(job), end, context.redact);
  if (failure !== null) return endFailed(context, { cause: "agent", text: failure }, unpushed);
  const judged = await judgeMerge(desk.outbox, desk.merge, {
    branch,
    mergeMessage: mergeMessage({ base, branch }),
    message: job.commitMessage,
    identity,
    ours: ownPaths(job),
    signal: context.stop,
  });
  if (context.stop.aborted) return endStopped(context, unpushed);
  if (!judged.ok) return endFailed(context, judged.failure, unpushed);
  const verdict = judged.value;
  if (verdict.kind === "unresolved") return endUnresolved(options, end, verdict, unpushed);
  reportRest(options, verdict);
  return publish(options, { ...desk, commit: verdict.commit }, result);
}

async function publish(
  { context }: Options,
  { publisher, commit }: { readonly publisher: Publisher; readonly commit: string },
  result: JobResult,
): Promise<Terminal> {
  context.report.phase("push");
  const pushed = await publisher.publish(commit);
  const ended: JobResult = { pushed: pushed.ok, ...result };
  if (context.stop.aborted) return endStopped(context, ended);
  return pushed.ok ? endDone(ended) : endFailed(context, pushed.failure, ended);
}

function endUnresolved(
  { context }: Options,
  end: AgentEnd,
  { paths, why }: Extract<Verdict, { readonly kind: "unresolved" }>,
  result: JobResult,
): Terminal {
  const first = paths.slice(0, 10).join(", ");
  const reason = why === null ? "" : ` ${why}`;
  const cause = neverActedSentence(end.transcript);
  const tail = lastWordsOrReply(end, context.redact);
  return endDone({
    ...result,
    error: `The agent did not resolve all merge conflicts (${paths.length} file(s) still conflicted: ${first}).${reason}${cause}${tail}`,
    failureCause: "agent",
  });
}

/** What a person wants to know of a merge that was pushed. */
function reportRest(
  { context }: Options,
  { withoutBase, untracked, refused }: Extract<Verdict, { readonly kind: "resolved" }>,
): void {
  const list = (first: readonly string[], count: number): string =>
    `${first.join(", ")}${count > first.length ? ", …" : ""}`;
  if (withoutBase.length > 0) {
    const names = list(withoutBase.slice(0, 20), withoutBase.length);
    const text = `${withoutBase.length} files are as the branch had them, although the base changed them without a conflict: ${names}`;
    context.report.note("base-changes-left-out", text);
  }
  reportRefused(context, refused);
  if (untracked.count > 0) {
    const names = list(untracked.first, untracked.count);
    context.report.note("untracked-files", `${untracked.count} untracked files were not pushed: ${names}`);
  }
}
