import type { Position } from "../position.ts";
import { holds } from "./holds.ts";
import { liveContainer, type Stage } from "../stage.ts";

/** The container's process is there and has not come to do anything. */
export async function reachStarting(stage: Stage): Promise<Position> {
  const { promise: held, resolve } = Promise.withResolvers<void>();
  const letGo = stage.world.standIns.engine.faults.holdStarts(async ({ env }) => {
    const isOurs = (await stage.view()).container?.instance === env["HARNESS_INSTANCE"];
    if (isOurs) resolve();
    return isOurs;
  });
  await stage.submit(stage.body, stage.policy);
  await held;
  letGo();
  await stage.until(holds.starting);
  const container = await liveContainer(stage);
  return {
    container,
    go: () => {
      const { faults, containers } = stage.world.standIns.engine;
      const isThere = containers().some(({ id, state }) => id === container.id && state === "running");
      if (isThere) faults.goOn(container.id);
    },
  };
}
