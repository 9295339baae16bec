import { demand, type Fault } from "../injection.ts";
import { watchedAgain } from "../watched-again.ts";

/** The connections on which the container's end is awaited are cut; the container lives on. */
export const loseMonitor: Fault = async (stage, { container }) => {
  const isWatched = watchedAgain(stage, container);
  stage.world.standIns.engine.faults.loseMonitor(container.name);
  return {
    evidence: async () => {
      demand(await isWatched, "nobody has asked for the container's end again");
      return "the end of the container was asked for anew";
    },
  };
};
