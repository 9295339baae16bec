import { type Load, startLoad } from "../../local/load/start-load.ts";
import { STILL_MS } from "../../local/load/stillness.ts";
import { planLoad, slotsFor } from "../../local/load/plan.ts";
import { openWorld, type World } from "../e2e/world.ts";

/** A world with a load of real executions, each brought to its fate as `npm start -- --load` does. */
export type LoadedWorld = World & { readonly load: Load };

/** Resolves when every job has come to what it was to come to; what stays so stays. */
export async function openLoadedWorld(count: number, name: string, paceMs = 0): Promise<LoadedWorld> {
  const jobs = planLoad(count, name);
  const world = await openWorld({ vars: { HOLT_MAX_LIVE_EXECUTIONS: String(slotsFor(jobs)) } });
  const end = new AbortController();
  const load = await startLoad({
    url: world.url,
    token: world.secrets.token,
    engine: world.standIns.engine,
    secrets: world.secrets,
    dir: world.stateDir,
    jobs,
    paceMs,
    stillMs: STILL_MS,
    signal: end.signal,
  });
  await load.settled;
  return {
    ...world,
    load,
    close: async () => {
      end.abort();
      await load.close();
      await world.close();
    },
  };
}
