import { demand, type Fault } from "../injection.ts";
import { endOf } from "../container-end.ts";

/** SIGKILL of the harness's process, by nobody of Holt's. */
export const killHarness: Fault = async (stage, { container }) => {
  process.kill(container.pid, "SIGKILL");
  const ended = endOf(stage, container);
  return {
    evidence: async () => {
      const { exitCode, outOfMemory } = await ended;
      demand(exitCode === 137 && !outOfMemory, `it ended with ${exitCode}`);
      return "the process is gone, exit code 137";
    },
  };
};
