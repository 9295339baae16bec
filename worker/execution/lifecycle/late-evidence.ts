/** What comes after a verdict is appended to the log and changes nothing. */

import type { Beat } from "../../../shared/beat.ts";
import type { Instance, Job } from "../state.ts";
import { emit, patchInstance, type Turn } from "./turn.ts";

/** The exit code of a container whose job was judged before it was seen: evidence, and no other verdict. */
export function noteLateExit(turn: Turn, instance: Instance, text: string): void {
  const job = turn.state.jobs.find((each) => each.current?.instance === instance.id && wasLost(each));
  if (job !== undefined) emit(turn, "late-evidence", { of: "exit", text }, { job });
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
