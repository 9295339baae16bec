import { reset } from "cloudflare:test";
import * as fc from "fast-check";
import { afterEach, test } from "vitest";
import { steadily } from "./steadily.ts";
import { makeOutput, storedSeqs } from "./harness-events.ts";
import type { GivenJob } from "./model-harness.ts";
import { Rig } from "./rig.ts";

afterEach(reset);

/** What may happen to an execution without any fault of its container. */
const happenings = [
  "beat",
  "repeat",
  "crash",
  "lose-sight",
  "alarm",
  "dispatch",
  "take",
  "wait",
  "wait-long",
] as const;
type Happening = (typeof happenings)[number];

test("invariants 1, 3, 4 and 11: whatever befalls the object, a container that works is heard to its end", async ({
  expect,
}) => {
  const story = fc.array(fc.constantFrom(...happenings), { minLength: 5, maxLength: 25 });
  const property = fc.asyncProperty(story, async (happened) => {
    const rig = new Rig();
    const job = await rig.begin();
    const teller = { sent: 0 };
    for (const happening of happened) await befall(rig, job, { happening, teller });
    const terminal = { state: "done", result: { summary: "made it" } } as const;
    const events = Array.from({ length: teller.sent }, (_, index) => makeOutput(index + 1));
    await steadily(() => rig.beat(job, { events, terminal }));
    const view = await steadily(() => rig.view());
    expect(view).toMatchObject({ status: "done", result: terminal.result, attempt: 1, round: 1, gaps: [] });
    expect(rig.machine.started).toHaveLength(1);
    expect(rig.machine.replaced).toBe(0);
    expect(await storedSeqs(rig)).toEqual(events.map(({ seq }) => seq));
    const kinds = (await rig.dump())["event"]?.map(({ kind }) => kind) ?? [];
    expect(kinds.filter((kind) => kind === "terminal")).toHaveLength(1);
    expect(kinds.filter((kind) => kind === "dispatched")).toHaveLength(1);
    expect((await rig.dump())["effect"]).toEqual([]);
  });
  await fc.assert(property, { numRuns: 8, seed: 20_991 });
}, 60_000);

async function befall(
  rig: Rig,
  job: GivenJob,
  { happening, teller }: { readonly happening: Happening; readonly teller: { sent: number } },
): Promise<void> {
  switch (happening) {
    case "beat":
      teller.sent += 1;
      await steadily(() => rig.beat(job, { events: [makeOutput(teller.sent)] }));
      return;
    case "repeat":
      if (teller.sent > 0) await steadily(() => rig.beat(job, { events: [makeOutput(teller.sent)] }));
      return;
    case "crash":
      await steadily(() => rig.crash());
      return;
    case "lose-sight":
      await steadily(() => rig.happens(() => rig.machine.loseMonitor()));
      return;
    case "alarm":
      await steadily(() => rig.alarm());
      return;
    case "dispatch":
      await steadily(() => rig.dispatch());
      return;
    case "take":
      await steadily(() => rig.object.take(job.jobId));
      return;
    case "wait":
      await steadily(() => rig.advance(7_000));
      return;
    case "wait-long":
      await steadily(() => rig.advance(50_000));
  }
}
