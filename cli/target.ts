/** What a person names: an execution, or a job in one. */
import { createHash } from "node:crypto";
import { BoardName, ExecutionId, executionOf, idWords, JobId } from "../shared/ids.ts";
import type { ExecutionView, JobView } from "../shared/job-view.ts";
import { failed, misuse } from "./exit-code.ts";
import type { Api } from "./server.ts";

export type Target = { readonly executionId: string; readonly jobId: string | null };
export type JobTarget = { readonly executionId: string; readonly jobId: string };

/**
 * `EXECUTION/JOB` names both, `EXECUTION/` the execution. One word is a job where the rule of the job protocol finds
 * another name in it (`exec_4f2-coder` is a job of `exec_4f2`), else an execution.
 */
export async function parseTarget(text: string): Promise<Target> {
  const slash = text.indexOf("/");
  if (slash >= 0) {
    const executionId = text.slice(0, slash);
    const jobId = text.slice(slash + 1);
    return { executionId: checkExecution(executionId), jobId: jobId === "" ? null : checkJob(jobId) };
  }
  checkJob(text);
  const executionId = await ownerOf(text);
  return { executionId, jobId: executionId === text ? null : text };
}

export function ownerOf(jobId: string): Promise<string> {
  return executionOf(jobId, (value) => Promise.resolve(createHash("sha256").update(value).digest("hex")));
}

/** The job meant by a target that names an execution only: the one at work, else the first in line, else the last. */
export async function findJob(api: Api, { executionId, jobId }: Target): Promise<JobTarget> {
  if (jobId !== null) return { executionId, jobId };
  const reply = await api.call("execution", { path: { executionId } });
  if (reply.kind === "failed") throw failed(reply.failure);
  const chosen = currentJob(reply.value);
  if (chosen === undefined) throw misuse(`the execution '${executionId}' has no job`);
  return { executionId, jobId: chosen.id };
}

export function currentJob({ jobs }: ExecutionView): JobView | undefined {
  const live = jobs.filter(({ state }) => state === "running");
  return live.find(({ status }) => status !== "queued") ?? live[0] ?? jobs.at(-1);
}

/** As `findJob`, for what changes a job: where several are live the target must name one. */
export async function findOneJob(api: Api, target: Target): Promise<JobTarget> {
  if (target.jobId !== null) return { ...target, jobId: target.jobId };
  const reply = await api.call("execution", { path: { executionId: target.executionId } });
  if (reply.kind === "failed") throw failed(reply.failure);
  const live = reply.value.jobs.filter(({ state }) => state === "running");
  if (live.length > 1) {
    const names = live.map(({ id }) => `${target.executionId}/${id}`).join(", ");
    throw misuse(`several jobs are live, name one: ${names}`);
  }
  const chosen = currentJob(reply.value);
  if (chosen === undefined) throw misuse(`the execution '${target.executionId}' has no job`);
  return { executionId: target.executionId, jobId: chosen.id };
}

/** What names this job again on a command line. */
export function nameOf({ executionId, jobId }: JobTarget): string {
  const name =
    jobId.startsWith(`${executionId}-`) && /^[a-z]+_[0-9a-z]+$/.test(executionId)
      ? jobId
      : `${executionId}/${jobId}`;
  return /^[\w./@:-]+$/.test(name) ? name : `'${name.replaceAll("'", String.raw`'\''`)}'`;
}

/** The name, where it is one. */
export function checkExecution(text: string): string {
  // Dots alone would be read as a step through the path.
  if (!ExecutionId.safeParse(text).success || /^\.\.?$/.test(text))
    throw misuse(`'${text}' is no name of an execution: ${idWords.executionId}`);
  return text;
}

export function checkBoard(text: string): string {
  if (!BoardName.safeParse(text).success) throw misuse(`'${text}' is no name of a board: ${idWords.board}`);
  return text;
}

function checkJob(text: string): string {
  if (!JobId.safeParse(text).success) throw misuse(`'${text}' is no job id: ${idWords.jobId}`);
  return text;
}
