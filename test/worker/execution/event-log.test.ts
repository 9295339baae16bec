import { reset, runInDurableObject } from "cloudflare:test";
import { afterEach, test } from "vitest";
import type { HarnessEvent } from "../../../shared/events.ts";
import { Limits } from "../../../shared/limits.ts";
import { makeOutput } from "./harness-events.ts";
import type { GivenJob } from "./model-harness.ts";
import { Rig, replyOf } from "./rig.ts";

afterEach(reset);

/** Sends events `from` to `to` in full beats, no faster than they may come. */
async function flood(
  rig: Rig,
  job: GivenJob,
  {
    from,
    to,
    make,
  }: { readonly from: number; readonly to: number; readonly make: (seq: number) => HarnessEvent },
): Promise<void> {
  for (let first = from; first <= to; first += Limits.beatEvents) {
    const length = Math.min(Limits.beatEvents, to - first + 1);
    const events = Array.from({ length }, (_, index) => make(first + index));
    rig.world.clock.moveTo(rig.now + 100);
    const beat = JSON.stringify(rig.makeBeat(job, { events }));
    const answer = await rig.object.beat({
      instance: job.envelope.instance,
      key: job.envelope.beatKey,
      beat,
    });
    if (replyOf(answer).ack !== first + length - 1) throw new Error("the flood was not taken");
  }
}

test("invariant 14: of 25,000 events the first 2,000 and the newest are kept, and the rest is one counted gap", async ({
  expect,
}) => {
  const rig = new Rig();
  const job = await rig.begin();
  const start = (await rig.view()).cursor;
  await flood(rig, job, { from: 1, to: 12_500, make: makeOutput });
  await rig.evict();
  await flood(rig, job, { from: 12_501, to: 25_000, make: makeOutput });
  const rows = (await rig.dump())["event"] ?? [];
  expect(rows.length).toBeLessThanOrEqual(Limits.eventsPerExecution);
  expect(rows.length).toBeGreaterThan(Limits.eventsPerExecution - 1_000);
  const cursors = rows.map(({ cursor }) => Number(cursor));
  expect(cursors.slice(0, Limits.firstEventsKept)).toEqual(
    Array.from({ length: Limits.firstEventsKept }, (_, index) => index + 1),
  );
  expect(cursors.at(-1)).toBe(start + 25_000);
  const kept = new Set(cursors);
  const page = await rig.object.events({ after: 0, limit: 10 });
  if (!page.ok) throw new Error(page.error);
  const beyond = await rig.object.events({ after: Limits.firstEventsKept - 5, limit: 10 });
  if (!beyond.ok) throw new Error(beyond.error);
  expect(page.page.gaps).toEqual([]);
  const [gap, ...others] = beyond.page.gaps;
  expect(others).toEqual([]);
  expect(gap).toEqual({
    from: Limits.firstEventsKept + 1,
    to: Math.min(...cursors.filter((cursor) => cursor > Limits.firstEventsKept)) - 1,
    count: start + 25_000 - rows.length,
  });
  expect(kept.has(gap?.to ?? 0)).toBe(false);
  expect((await rig.dump())["log_size"]).toMatchObject([{ events: rows.length }]);
  expect((await rig.view()).status).toBe("running");
}, 60_000);

test("invariant 14: kinds that pruning spares make way for each other where nothing else is left", async ({
  expect,
}) => {
  const rig = new Rig();
  const job = await rig.begin();
  const make = (seq: number): HarnessEvent => ({
    seq,
    at: 1,
    kind: "note",
    code: "chatter",
    text: `note ${seq}`,
  });
  await flood(rig, job, { from: 1, to: 21_000, make });
  const { event, job: jobs } = await rig.dump();
  expect(event?.length).toBeLessThanOrEqual(Limits.eventsPerExecution);
  expect(String(jobs?.[0]?.["state"]).length).toBeLessThan(200_000);
  expect((await rig.view()).notes.length).toBeLessThanOrEqual(Limits.notesPerJob);
  await rig.beat(job, { terminal: { state: "done", result: {} } });
  expect((await rig.events()).map(({ kind }) => kind)).toContain("dispatched");
  const kinds = ((await rig.dump())["event"] ?? []).map(({ kind }) => kind);
  expect(kinds).toContain("terminal");
}, 60_000);

test("invariant 14: a log is bounded by its bytes too", async ({ expect }) => {
  const rig = new Rig();
  const job = await rig.begin();
  await flood(rig, job, { from: 1, to: 4_000, make: makeOutput });
  // As if what is stored already were large: 64 MiB of beats take seconds.
  await runInDurableObject(rig.stub, (_, state) => {
    state.storage.sql.exec("UPDATE log_size SET bytes = ?", Limits.eventBytesPerExecution);
  });
  await rig.evict();
  await flood(rig, job, { from: 4_001, to: 4_001, make: makeOutput });
  const { log_size: sizes, pruned, event: rows } = await rig.dump();
  expect(Number(sizes?.[0]?.["bytes"])).toBeLessThanOrEqual(Limits.eventBytesPerExecution);
  expect(rows?.length).toBeLessThan(4_000);
  expect(pruned).toMatchObject([{ first: Limits.firstEventsKept + 1 }]);
  expect(rows?.at(-1)?.["seq"]).toBe(4_001);
});
