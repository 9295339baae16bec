import type { Hold } from "../../../../local/git-server/faults.ts";
import type { Position } from "../position.ts";
import { holds } from "./holds.ts";
import { liveContainer, type Stage } from "../stage.ts";

/** The agent has ended, and the git host holds the last push. */
export async function reachPush(stage: Stage): Promise<Position> {
  const { promise, resolve } = Promise.withResolvers<Hold>();
  stage.agent.beforeLast(() => resolve(stage.git.hold("push")));
  await stage.submit(stage.body, stage.policy);
  const hold = await promise;
  await hold.held;
  await stage.until(holds.push);
  return { container: await liveContainer(stage), go: () => hold.release() };
}
