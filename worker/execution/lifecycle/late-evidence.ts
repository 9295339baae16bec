/** What comes after a verdict is appended to the log and changes nothing. */

import type { Beat } from "../../../shared/beat.ts";
import type { DeadInstance, Instance, Job } from "../state.ts";
import { emit, patchInstance, type Turn } from "./turn.ts";

/** The exit code of a container whose job was judged before it was seen: evidence, and no other verdict. */
export function noteLateExit(turn: Turn, instance: Instance, text: string): void {
  const job = turn.state.jobs.find((each) => each.current?.instance === instance.id && wasLost(each));
  if (job !== undefined) emit(turn, "late-evidence", { of: "exit", text }, { job });
}

/**
 * The exit code of a container that was found dead before anybody saw one; true where it is news. What our own signal
 * produced is no evidence of anything.
 */
export function noteLateCode(
  turn: Turn,
  dead: Pick<DeadInstance, "id" | "exit" | "lateCode">,
  code: number,
): boolean {
  const { exit, lateCode } = dead;
  if (lateCode !== undefined || exit?.code !== null || exit.cause === "self-stopped") return false;
  const job = turn.state.jobs.findLast((each) => each.current?.instance === dead.id) ?? null;
  const text = `monitor() reported exit code ${code} after the death was known`;
  emit(turn, "late-evidence", { of: "exit", code, text }, { job, instance: dead.id });
  return true;
}

/** The end that a container tells of after its job was given up. No text of it: what was secret is forgotten by then. */
export function noteLateEnd(turn: Turn, job: Job, { terminal, instance }: Beat): void {
  const live = turn.state.instance;
  if (terminal === undefined || !wasLost(job) || live?.id !== instance || live.lateEndNoted === true) return;
  patchInstance(turn, { lateEndNoted: true });
  const { pushed = false } = terminal.result ?? {};
  emit(turn, "late-evidence", { of: "terminal", state: terminal.state, pushed }, { job });
}

function wasLost(job: Job): boolean {
  return job.status === "evicted" || job.status === "recovering";
}
