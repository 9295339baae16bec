import { demand, type WorldFault } from "../injection.ts";
import { findWorkerd } from "../../engine/workerd.ts";
import { processState } from "../process-state.ts";
import { watchedAgain } from "../watched-again.ts";

/** SIGKILL of workerd; it is started again on the same storage, as for an update of the code. */
export const killWorkerd: WorldFault = async (world, held) => {
  const [first] = held;
  const pid = await findWorkerd(first?.position.container.workerPort ?? null);
  const watched = held.map(async ({ position }) =>
    demand(await watchedAgain({ world }, position.container), "no container was taken up again"),
  );
  process.kill(pid, "SIGKILL");
  return {
    evidence: async () => {
      const state = await processState(pid);
      demand(state === null || state === "Z", `the kernel says ${state}`);
      await Promise.any(watched);
      return "the process is gone; another took up the containers";
    },
  };
};
