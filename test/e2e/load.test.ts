// One job of every fate of the load, each brought about for real, and each comes to what the table says.
import { afterAll, beforeAll, test } from "vitest";
import { fates } from "../../local/load/fates.ts";
import { planLoad, slotsFor } from "../../local/load/plan.ts";
import { type Load, startLoad } from "../../local/load/start-load.ts";
import { openWorld, type World } from "./world.ts";

const jobs = planLoad(fates.length, "every");
/** Every job waits for its slot on whatever machine this is. */
const timeout = 900_000;
let world: World;
let load: Load | null = null;
const over = new AbortController();
beforeAll(async () => {
  world = await openWorld({ vars: { HOLT_MAX_LIVE_EXECUTIONS: String(slotsFor(jobs)) } });
});
afterAll(async () => {
  over.abort();
  await load?.close();
  await world.close();
});

test(
  "every fate of the load comes to what its table says, by the real path",
  { timeout },
  async ({ expect }) => {
    load = await startLoad({
      url: world.url,
      token: world.secrets.token,
      engine: world.standIns.engine,
      secrets: world.secrets,
      dir: world.stateDir,
      jobs,
      // Exits are judged and refusals are tried again sooner; the limits of the fates are the machine's.
      scale: 0.1,
      signal: over.signal,
    });
    await load.settled;
    await load.finish();
    const told = load.standing().map(({ job, verdict }) => [job.fate.name, verdict] as const);
    const expected = jobs.map(({ fate }) => [fate.name, expect.objectContaining({ kind: "so" })] as const);
    expect(Object.fromEntries(told)).toEqual(Object.fromEntries(expected));
    expect(load.standing().filter(({ sighting }) => sighting.card?.endedAt == null)).toEqual([]);
  },
);
