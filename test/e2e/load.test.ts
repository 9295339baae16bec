// Jobs of a load, each brought to its fate for real.
import { afterAll, beforeAll, onTestFinished, test } from "vitest";
import type { Fate } from "../../local/load/fate.ts";
import { fates } from "../../local/load/fates.ts";
import { planLoad, slotsFor } from "../../local/load/plan.ts";
import { type Load, type LoadOptions, startLoad } from "../../local/load/start-load.ts";
import { openWorld, type World } from "./world.ts";

/** One of each group of the table: work, what stays, agents, git, containers, people. */
const shown = new Set([
  "fixed",
  "slow",
  "nothing-changed",
  "clone-refused",
  "crashed",
  "cancelled",
  "starting",
]);
const table: readonly Fate[] = [
  ...fates.filter(({ name }) => shown.has(name)),
  ...fates
    .filter(({ name }) => name === "changed-mind")
    .map((fate): Fate => ({ ...fate, name: "mistaken", comesTo: { kind: "ends", code: "done" } })),
];
const jobs = planLoad(table.length, "some", table);
let world: World;
let options: LoadOptions;
let load: Load;
const over = new AbortController();
beforeAll(async () => {
  world = await openWorld({ vars: { HOLT_MAX_LIVE_EXECUTIONS: String(slotsFor(jobs)) } });
  options = {
    url: world.url,
    token: world.secrets.token,
    engine: world.standIns.engine,
    secrets: world.secrets,
    dir: world.stateDir,
    jobs,
    // Exits are judged and refusals are tried again sooner; the limits of the fates are the machine's.
    scale: 0.1,
    signal: over.signal,
  };
  load = await startLoad(options);
});
afterAll(async () => {
  over.abort();
  await load.close();
  await world.close();
});

/** Every job waits for its slot, on whatever machine this is. */
const timeout = 600_000;

test(
  "each job comes to what its fate says, and one whose fate says otherwise is a surprise",
  { timeout },
  async ({ expect }) => {
    await load.settled;
    const told = load.standing().map(({ job, verdict: { kind, got } }) => [job.fate.name, `${kind}: ${got}`]);
    expect(Object.fromEntries(told)).toEqual({
      fixed: "so: done",
      slow: "so: running",
      "nothing-changed": "so: result-error",
      "clone-refused": "so: git-failed",
      crashed: "so: evicted-crash",
      cancelled: "so: cancelled",
      starting: "so: starting",
      mistaken: "surprise: cancelled",
    });
  },
);

test("what stays lives until the load is finished, and nothing after", { timeout }, async ({ expect }) => {
  await load.settled;
  const live = (): readonly string[] =>
    load
      .standing()
      .filter(({ sighting }) => sighting.card?.endedAt == null)
      .map(({ job }) => job.fate.name);
  expect(live()).toEqual(["slow", "starting"]);
  await load.finish();
  expect(live()).toEqual([]);
  const slow = load.standing().find(({ job }) => job.fate.name === "slow");
  expect(slow?.verdict).toMatchObject({ kind: "so", got: "running, then cancelled" });
});

test(
  "a job that no longer moves is given up, and is a surprise that says so",
  { timeout },
  async ({ expect }) => {
    const slow = fates.find(({ name }) => name === "slow");
    if (slow === undefined) throw new Error("no fate slow");
    const endless: Fate = { ...slow, name: "endless", comesTo: { kind: "ends", code: "done" } };
    const stuck = await startLoad({ ...options, jobs: planLoad(1, "stuck", [endless]), stillMs: 3_000 });
    onTestFinished(stuck.close);
    await stuck.settled;
    const [standing] = stuck.standing();
    expect(standing?.verdict.kind).toBe("surprise");
    expect(standing?.verdict.got).toMatch(/; no job of the load has changed for 3 s$/);
    await stuck.finish();
    expect(stuck.standing()[0]?.sighting.card?.outcome?.code).toBe("cancelled");
  },
);
