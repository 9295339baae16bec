import { demand, type Fault } from "../injection.ts";
import { probeProxy } from "../proxy-probe.ts";

/** What stands between workerd and the container keeps every connection and passes no byte on, in either direction. */
export const stopForwarding: Fault = async (stage, { container }) => {
  const droppedBytes = stage.world.standIns.engine.faults.stopForwarding(container.name);
  const answer = await probeProxy(container);
  demand(answer.includes("200"), `a connection was answered with ${answer}`);
  return {
    evidence: () => {
      demand(droppedBytes() > 0, "no byte was dropped");
      return Promise.resolve("connections were taken and their bytes dropped");
    },
  };
};
