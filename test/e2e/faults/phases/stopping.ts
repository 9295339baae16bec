import type { Hold } from "../../../../local/git-server/faults.ts";
import type { Position } from "../position.ts";
import { holds } from "./holds.ts";
import { liveContainer, type Stage } from "../stage.ts";

/** Cancelled in the middle of a tool call; the git host holds the push of the last checkpoint. */
export async function reachStopping(stage: Stage): Promise<Position> {
  const { promise, resolve } = Promise.withResolvers<Hold>();
  stage.agent.beforeSecond(() => resolve(stage.git.hold("push")));
  await stage.submit(stage.body, stage.policy);
  const hold = await promise;
  await stage.gate.arrived;
  const container = await liveContainer(stage);
  // Its answer comes with the proof, or is lost with the workerd that would give it.
  stage.world.cancel(stage.body.jobId, "the matrix says so").catch(() => undefined);
  await stage.until(holds.stopping);
  return {
    container,
    go: () => {
      hold.release();
      stage.gate.open();
    },
  };
}
