import { demand, type Fault } from "../injection.ts";
import { probeProxy } from "../proxy-probe.ts";

/** The platform forgets to send the container's requests to the Worker; the way in stays open. */
export const blockBeats: Fault = async (stage, { container }) => {
  stage.world.standIns.engine.faults.dropInterceptions(container.name);
  const answer = await probeProxy(container);
  demand(answer.includes("502"), `a request on the way of the beats was answered with ${answer}`);
  return { evidence: () => Promise.resolve("requests on the way of the beats are refused with 502") };
};
