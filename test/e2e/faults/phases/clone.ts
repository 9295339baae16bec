import type { Position } from "../position.ts";
import { holds } from "./holds.ts";
import { liveContainer, type Stage } from "../stage.ts";

/** The git host holds the transfer of the first fetch. */
export async function reachClone(stage: Stage): Promise<Position> {
  const hold = stage.git.hold("fetch");
  await stage.submit(stage.body, stage.policy);
  await hold.held;
  await stage.until(holds.clone);
  return { container: await liveContainer(stage), go: () => hold.release() };
}
