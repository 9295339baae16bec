import { reset } from "cloudflare:test";
import * as fc from "fast-check";
import { afterEach, test } from "vitest";
import { makeOutput } from "./harness-events.ts";
import { Rig } from "./rig.ts";
import { steadily } from "./steadily.ts";

afterEach(reset);

/** Short limits, so that a story is over soon. */
const policy = {
  startingMs: 3_000,
  queuedMs: 60_000,
  silenceMs: 20_000,
  maxDurationMs: 300_000,
  idleMs: 5_000,
};
const jobIds = ["first", "second", "third"] as const;

/** Faults of the container and wishes of people, each in a few words. */
const happenings = {
  "dispatch first": (rig) => rig.dispatch({ jobId: "first", door: "native", again: true, policy }),
  "dispatch second": (rig) => rig.dispatch({ jobId: "second", policy }),
  "dispatch third": (rig) => rig.dispatch({ jobId: "third", size: "standard-4", policy }),
  "cancel first": (rig) => rig.object.cancel({ jobId: "first", reason: "not wanted", waitMs: 0 }),
  "cancel second": (rig) => rig.object.cancel({ jobId: "second", reason: "not wanted", waitMs: 0 }),
  release: (rig) => rig.object.release({ id: rig.executionId, reason: "over", waitMs: 0 }),
  "the end of a job": endOfAJob,
  "exit 0": (rig) => rig.happens(() => rig.machine.exit(0)),
  "exit 137": (rig) => rig.happens(() => rig.machine.exit(137)),
  vanish: (rig) => rig.happens(() => rig.machine.vanish()),
  "lose sight": (rig) => rig.happens(() => rig.machine.loseMonitor()),
  crash: (rig) => rig.crash(),
  "no capacity": async (rig) => void (rig.machine.refusal = "too many containers per second"),
  capacity: async (rig) => void (rig.machine.refusal = null),
  deaf: async (rig) => void (rig.machine.harnessScript.listening = false),
  hears: async (rig) => void (rig.machine.harnessScript.listening = true),
  undestroyable: async (rig) => void (rig.machine.undestroyable = true),
  "ignores signals": async (rig) => void (rig.machine.onSignal = () => undefined),
  "a moment": (rig) => rig.advance(1_000),
  "a minute": (rig) => rig.advance(30_000),
} as const satisfies Record<string, (rig: Rig) => Promise<unknown>>;

const names = Object.keys(happenings).filter((name): name is keyof typeof happenings => name in happenings);

test("invariants 1, 3, 8 and 9: whatever befalls it, an execution comes to rest with one end per round", async ({
  expect,
}) => {
  const story = fc.array(fc.constantFrom(...names), { minLength: 5, maxLength: 20 });
  const property = fc.asyncProperty(story, async (happened) => {
    const rig = new Rig();
    await rig.dispatch({ jobId: "first", door: "native", policy });
    for (const name of happened) {
      await steadily<unknown>(() => happenings[name](rig));
      const { instance, jobs } = await state(rig);
      if (instance !== null || jobs.some(({ end }) => end === null)) {
        expect(await steadily(() => rig.alarmAt()), name).not.toBeNull();
      }
    }
    rig.machine.undestroyable = false;
    rig.machine.refusal = null;
    rig.machine.harnessScript.listening = false;
    await steadily(() => rig.advance(15 * 60_000));
    const { instance, jobs } = await state(rig);
    expect(instance).toBeNull();
    expect(jobs.filter(({ end }) => end === null)).toEqual([]);
    expect(rig.machine.alive).toBeNull();
    expect(rig.machine.replaced).toBe(0);
    const { event, effect, spec } = await rig.dump();
    const ends =
      event?.filter(({ kind }) => kind === "terminal").map((row) => `${row["job_id"]} ${row["round"]}`) ?? [];
    expect(ends).toHaveLength(new Set(ends).size);
    expect(ends).toHaveLength(jobs.reduce((sum, { round }) => sum + round, 0));
    expect(effect).toEqual([]);
    expect(spec).toEqual([]);
  });
  await fc.assert(property, { numRuns: 6, seed: 20_992 });
}, 120_000);

async function endOfAJob(rig: Rig): Promise<void> {
  const given = rig.machine.alive?.harness.jobs ?? new Map();
  for (const jobId of jobIds) {
    const job = given.get(jobId);
    if (job === undefined) continue;
    await rig.beat(job, { events: [makeOutput(1)], terminal: { state: "done", result: {} } });
  }
}

type Stored = {
  readonly instance: unknown;
  readonly jobs: readonly { readonly end: unknown; readonly round: number }[];
};

async function state(rig: Rig): Promise<Stored> {
  const { execution, job } = await steadily(() => rig.dump());
  const read = (text: unknown) => JSON.parse(String(text));
  return {
    instance: read(execution?.[0]?.["state"]).instance,
    jobs: (job ?? []).map((row) => read(row["state"])),
  };
}
