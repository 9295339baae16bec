import type { HarnessEvent } from "../../../shared/events.ts";
import type { JobView } from "../../../shared/job-view.ts";
import type { Rig } from "./rig.ts";

export function tool(seq: number): HarnessEvent {
  return {
    seq,
    at: 1_000,
    kind: "tool-end",
    tool: `tool-${seq}`,
    callId: `c${seq}`,
    ok: true,
    durationMs: 5,
  };
}

export function question(seq: number, title: string): HarnessEvent {
  return { seq, at: 1_000, kind: "follow-up", followUp: { kind: "question", title, detail: "which one?" } };
}

/** The plain read of the job protocol. */
export async function take(rig: Rig, jobId: string): Promise<JobView> {
  const read = await rig.object.take(jobId);
  if (!read.ok || !("view" in read)) throw new Error("no view");
  return read.view;
}

export async function readAfter(rig: Rig, jobId: string, after: number): Promise<JobView> {
  const read = await rig.object.read({ jobId, door: "native", after });
  if (!read.ok || !("view" in read)) throw new Error("no view");
  return read.view;
}

export const seqs = (view: JobView) => view.spans?.map(({ seq }) => seq) ?? [];
export const titles = (view: JobView) => view.followUps?.map(({ title }) => title) ?? [];
