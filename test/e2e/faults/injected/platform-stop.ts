import { demand, type Fault } from "../injection.ts";
import { endOf } from "../container-end.ts";

/** SIGTERM as the platform sends it, announced to nobody. */
export const stopByPlatform: Fault = async (stage, { container }) => {
  stage.world.standIns.engine.faults.platformStop(container.name);
  const ended = endOf(stage, container);
  return {
    evidence: async () => {
      const { exitCode } = await ended;
      demand(exitCode === 143, `it ended with ${exitCode}`);
      return "SIGTERM was sent to a living process, exit code 143";
    },
  };
};
