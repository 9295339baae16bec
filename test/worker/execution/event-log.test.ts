import { reset, runInDurableObject } from "cloudflare:test";
import { afterEach, test } from "vitest";
import { entriesOf, EventKinds, type EventsPage, type HarnessEvent } from "../../../shared/events.ts";
import { Limits } from "../../../shared/limits.ts";
import { flood } from "./flood.ts";
import { makeOutput } from "./harness-events.ts";
import { Rig, replyOf } from "./rig.ts";

afterEach(reset);

/** Lets stored lines weigh what they do not: 64 MiB of beats take seconds. */
async function resize(rig: Rig, bytes: number, where: string): Promise<void> {
  await runInDurableObject(rig.stub, (_, { storage: { sql } }) => {
    sql.exec(`UPDATE event SET bytes = ? WHERE ${where}`, bytes);
    sql.exec("UPDATE log_size SET bytes = (SELECT SUM(bytes) FROM event)");
  });
}

/** Lines from cursor 10,000 on, as if they had been stored one after the other. */
async function insertLines(rig: Rig, kindOf: (index: number) => string, count: number): Promise<void> {
  await runInDurableObject(rig.stub, (_, { storage: { sql } }) => {
    for (let index = 0; index < count; index += 1) {
      sql.exec(
        "INSERT INTO event (cursor, at, kind, bytes, body) VALUES (?, 0, ?, 2, '{}')",
        10_000 + index,
        kindOf(index),
      );
    }
    sql.exec(
      "UPDATE log_size SET events = (SELECT COUNT(*) FROM event), bytes = (SELECT SUM(bytes) FROM event)",
    );
    sql.exec("UPDATE execution SET state = json_set(state, '$.cursor', ?)", 9_999 + count);
  });
  await rig.crash();
}

async function pageAfter(rig: Rig, after: number, limit: number): Promise<EventsPage> {
  const read = await rig.object.events({ after, limit });
  if (!read.ok) throw new Error(read.error);
  return read.page;
}

/** The cursors that a reader is told of, page by page: those of events, and those that a gap counts. */
async function placesOf(rig: Rig, limit: number): Promise<readonly number[]> {
  const places: number[] = [];
  for (let after = 0; ;) {
    const page = await pageAfter(rig, after, limit);
    for (const entry of entriesOf(page)) {
      if (entry.kind === "event") places.push(entry.event.cursor);
      else places.push(...Array.from({ length: entry.gap.count }, (_, index) => entry.gap.from + index));
    }
    if (page.next === page.newest) return places;
    after = page.next;
  }
}

function upTo(newest: number): readonly number[] {
  return Array.from({ length: newest }, (_, index) => index + 1);
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
  await resize(rig, 34_000, "cursor > 2000");
  await flood(rig, job, { from: 4_001, to: 4_001, make: makeOutput });
  const { log_size: sizes, event: rows } = await rig.dump();
  const bytes = Number(sizes?.[0]?.["bytes"]);
  expect(bytes).toBeLessThanOrEqual(Limits.eventBytesPerExecution);
  expect(bytes).toBeGreaterThan(Limits.eventBytesPerExecution * 0.9);
  expect(bytes).toBe(rows?.reduce((sum, row) => sum + Number(row["bytes"]), 0));
  const cursors = rows?.map(({ cursor }) => Number(cursor)) ?? [];
  expect(cursors[Limits.firstEventsKept - 1]).toBe(Limits.firstEventsKept);
  expect(cursors[Limits.firstEventsKept]).toBeGreaterThan(Limits.firstEventsKept + 10);
  expect(rows?.at(-1)?.["seq"]).toBe(4_001);
});

test("invariant 14: first events that alone are too large make way too, and the newest stay", async ({
  expect,
}) => {
  const rig = new Rig();
  const job = await rig.begin();
  await flood(rig, job, { from: 1, to: 2_500, make: makeOutput });
  await resize(rig, 40_000, "cursor <= 2000");
  await flood(rig, job, { from: 2_501, to: 2_501, make: makeOutput });
  const { log_size: sizes, event: rows } = await rig.dump();
  expect(Number(sizes?.[0]?.["bytes"])).toBeLessThanOrEqual(Limits.eventBytesPerExecution);
  expect(rows?.length).toBeGreaterThan(1_000);
  expect(rows?.[0]).toMatchObject({ cursor: 1, kind: "dispatched" });
  expect(await placesOf(rig, 1_000)).toEqual(upTo((await rig.view()).cursor));
});

test("invariant 14: what an event weighs is its bytes, not its characters", async ({ expect }) => {
  const rig = new Rig();
  const job = await rig.begin();
  await rig.beat(job, { events: [makeOutput(1, "漢".repeat(1_000))] });
  const { log_size: sizes, event: rows } = await rig.dump();
  expect(Number(rows?.at(-1)?.["bytes"])).toBeGreaterThan(3_000);
  expect(sizes?.[0]?.["bytes"]).toBe(rows?.reduce((sum, row) => sum + Number(row["bytes"]), 0));
});

test("invariant 14: pruning drops the kinds that the table says it may, oldest first, and no other", async ({
  expect,
}) => {
  const rig = new Rig();
  await rig.begin();
  const kinds = Object.keys(EventKinds);
  const lines = kinds.length * 1_100;
  await insertLines(rig, (index) => kinds[index % kinds.length] ?? "", lines);
  await rig.dispatch({ jobId: "second" });
  const { event: rows = [] } = await rig.dump();
  expect(rows.length).toBeLessThanOrEqual(Limits.eventsPerExecution);
  const kept = new Set(rows.map(({ cursor }) => Number(cursor)));
  const dropped = Array.from({ length: lines }, (_, index) => index).filter(
    (index) => !kept.has(10_000 + index),
  );
  const kindOf = (index: number) => kinds[index % kinds.length] ?? "";
  const prunable = Object.entries(EventKinds).flatMap(([kind, row]) => (row.prunable ? [kind] : []));
  expect([...new Set(dropped.map(kindOf))].toSorted()).toEqual(prunable.toSorted());
  const newestDropped = Math.max(...dropped);
  const olderKept = upTo(newestDropped).filter((index) => kept.has(10_000 + index) && index > 0);
  expect(olderKept.filter((index) => prunable.includes(kindOf(index)))).toEqual([]);
});

test("every cursor of a pruned log is read once, as an event or as part of a gap, whatever the pages", async ({
  expect,
}) => {
  const rig = new Rig();
  const job = await rig.begin();
  const make = (seq: number): HarnessEvent =>
    seq % 3 === 0 ? { seq, at: 1, kind: "note", code: "kept", text: `note ${seq}` } : makeOutput(seq);
  await flood(rig, job, { from: 1, to: 21_000, make });
  await rig.evict();
  const { cursor: newest } = await rig.view();
  for (const limit of [37, 999, 1_000]) expect(await placesOf(rig, limit)).toEqual(upTo(newest));
  expect((await pageAfter(rig, 20_000, 10)).gaps).toEqual([]);
  const { gaps } = await pageAfter(rig, Limits.firstEventsKept, 10);
  const pair = gaps.find(({ count }) => count === 2);
  if (pair === undefined) throw new Error("two lines of three were to go");
  expect((await pageAfter(rig, pair.from, 10)).gaps[0]).toEqual({ from: pair.to, to: pair.to, count: 1 });
}, 60_000);

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
