import type { Position } from "../position.ts";
import { holds } from "./holds.ts";
import { liveContainer, type Stage } from "../stage.ts";

/** The agent is in the middle of a tool call, with one commit that the remote has and one that it may not have. */
export async function reachAgent(stage: Stage): Promise<Position> {
  await stage.submit(stage.body, stage.policy);
  await stage.gate.arrived;
  await stage.until(holds.agent);
  return { container: await liveContainer(stage), go: stage.gate.open };
}
