import { setTimeout as pass } from "node:timers/promises";
import { demand, type WorldFault } from "../injection.ts";
import { findWorkerd } from "../../engine/workerd.ts";
import { untilStopped } from "../process-state.ts";

/** So many silence windows nobody looks. */
const WINDOWS = 2;

/** workerd is stopped for two silence windows and goes on: every alarm is late, every beat was without an answer. */
export const freezeWorkerd: WorldFault = async (_world, held) => {
  const [first] = held;
  if (first === undefined) throw new Error("nothing is held");
  const pid = await findWorkerd(first.position.container.workerPort);
  process.kill(pid, "SIGSTOP");
  try {
    demand(await untilStopped(pid), "the kernel does not have workerd as stopped");
    // The length of the outage is the fault itself, and no wait for anything.
    await pass(WINDOWS * (first.stage.policy.silenceMs ?? 0));
  } finally {
    process.kill(pid, "SIGCONT");
  }
  return { evidence: () => Promise.resolve(`workerd stood still for ${WINDOWS} silence windows`) };
};
