import type { Position } from "../position.ts";
import { holds } from "./holds.ts";
import { liveContainer, type Stage } from "../stage.ts";

/** The job is done and its container waits for another. */
export async function reachIdle(stage: Stage): Promise<Position> {
  await stage.submit(stage.body, stage.policy);
  await stage.until(holds.idle);
  return { container: await liveContainer(stage), go: () => undefined };
}
