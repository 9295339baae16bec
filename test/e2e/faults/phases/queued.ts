import type { Position } from "../position.ts";
import { holds } from "./holds.ts";
import { liveContainer, type Stage } from "../stage.ts";

/** Behind another job of the execution, which is in the middle of a tool call and reports its losses. */
export async function reachQueued(stage: Stage): Promise<Position> {
  await stage.submit(stage.ahead, { ...stage.policy, recovery: "report" });
  await stage.gate.arrived;
  await stage.submit(stage.body, stage.policy);
  await stage.until(holds.queued);
  return { container: await liveContainer(stage, stage.ahead.jobId), go: stage.gate.open };
}
