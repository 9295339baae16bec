import { demand, type Fault } from "../injection.ts";
import { untilStopped } from "../process-state.ts";

/** SIGSTOP of the harness's process alone: its port accepts, its agent goes on, nothing answers. */
export const hangEventLoop: Fault = async (_stage, { container }) => {
  process.kill(container.pid, "SIGSTOP");
  demand(await untilStopped(container.pid), "the kernel does not have the process as stopped");
  return {
    evidence: () => Promise.resolve("the kernel has the process as stopped"),
  };
};
