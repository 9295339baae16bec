import { demand, type Fault } from "../injection.ts";
import { watchedAgain } from "../watched-again.ts";

/** The object's incarnation ends with all that it had in memory and under way; the next request, beat or alarm begins another. */
export const evictObject: Fault = async (stage, { container }) => {
  const isWatched = watchedAgain(stage, container);
  const response = await stage.world.fetch(`/evict/${stage.execution}`);
  const said = await response.text();
  demand(response.status === 200 && said.includes("evicted by the fault matrix"), said);
  await stage.view();
  return {
    evidence: async () => {
      demand(await isWatched, "no new incarnation has taken up its container");
      return "a new incarnation took up the container";
    },
  };
};
