import { demand, type Fault } from "../injection.ts";
import { endOf } from "../container-end.ts";

/** SIGKILL as the kernel sends it when memory is exhausted, and the platform's mark of it. */
export const exhaustMemory: Fault = async (stage, { container }) => {
  stage.world.standIns.engine.faults.outOfMemory(container.name);
  const ended = endOf(stage, container);
  return {
    evidence: async () => {
      const { exitCode, outOfMemory } = await ended;
      demand(exitCode === 137 && outOfMemory, `it ended with ${exitCode}, out of memory: ${outOfMemory}`);
      return "the process is gone, exit code 137, marked as out of memory";
    },
  };
};
