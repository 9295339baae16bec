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

test("invariant 14: the object's own lines make way too, where nothing else is left to drop", async ({
  expect,
}) => {
  const rig = new Rig();
  await rig.begin();
  await runInDurableObject(rig.stub, (_, state) => {
    const { sql } = state.storage;
    sql.exec(
      `WITH RECURSIVE line(cursor) AS (SELECT 10000 UNION ALL SELECT cursor + 1 FROM line WHERE cursor < 35000)
       INSERT INTO event (cursor, at, kind, bytes, body) SELECT cursor, 0, 'cancel-requested', 2, '{}' FROM line`,
    );
    sql.exec(
      "UPDATE log_size SET events = (SELECT COUNT(*) FROM event), bytes = (SELECT SUM(bytes) FROM event)",
    );
    sql.exec("UPDATE execution SET state = json_set(state, '$.cursor', 35000)");
  });
  await rig.crash();
  await rig.dispatch({ jobId: "second" });
  await rig.object.cancel({ jobId: "second", reason: "not wanted", waitMs: 0 });
  const { event, log_size: sizes } = await rig.dump();
  expect(event?.length).toBeLessThanOrEqual(Limits.eventsPerExecution);
  expect(sizes).toMatchObject([{ events: event?.length }]);
  expect(event?.slice(-3).map(({ kind }) => kind)).toEqual(["dispatched", "cancel-requested", "terminal"]);
});

test("a page of the log ends at its size, and the next goes on where it ended", async ({ expect }) => {
  const rig = new Rig();
  const job = await rig.begin();
  const text = "x".repeat(Limits.eventTextChars);
  for (let sent = 0; sent < 300; sent += 15) {
    rig.world.clock.moveTo(rig.now + 100);
    const events = Array.from({ length: 15 }, (_, index) => makeOutput(sent + index + 1, text));
    const beat = JSON.stringify(rig.makeBeat(job, { events }));
    await rig.object.beat({ instance: job.envelope.instance, key: job.envelope.beatKey, beat });
  }
  const cursors: number[] = [];
  let after = 0;
  for (let pages = 1; ; pages += 1) {
    const read = await rig.object.events({ after, limit: 1_000 });
    if (!read.ok) throw new Error(read.error);
    const { page } = read;
    expect(JSON.stringify(page).length).toBeLessThan(Limits.pageBytes * 1.2);
    cursors.push(...page.events.map(({ cursor }) => cursor));
    if (page.next === page.newest) {
      expect(pages).toBeGreaterThan(3);
      break;
    }
    after = page.next;
  }
  expect(cursors).toEqual(cursors.map((_, index) => index + 1));
});

test("an event that JSON's escapes swell past its limit is cut with a mark, and its span stays", async ({
  expect,
}) => {
  const rig = new Rig();
  const job = await rig.begin();
  const quotes = makeOutput(1, '"'.repeat(Limits.eventTextChars));
  const tool: HarnessEvent = {
    seq: 2,
    at: 1,
    kind: "tool-end",
    tool: "bash",
    callId: "c",
    ok: true,
    durationMs: 5,
  };
  const answer = await rig.beat(job, { events: [quotes, { ...tool, unknown: "u".repeat(33_000) }] });
  expect(replyOf(answer).ack).toBe(2);
  const [output, end] = (await rig.events()).filter(({ kind }) => kind === "output" || kind === "tool-end");
  expect(String(output?.["text"])).toMatch(/^"+… \(\d+ more\)$/);
  expect(end).toMatchObject({ tool: "bash", ok: true });
  expect((await rig.dump())["event"]?.every(({ bytes }) => Number(bytes) <= Limits.eventBytes)).toBe(true);
  const read = await rig.object.take(job.jobId);
  expect(read.ok && "view" in read && read.view.spans).toMatchObject([{ tool: "bash", seq: 1 }]);
});
