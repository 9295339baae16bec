import { reset } from "cloudflare:test";
import { afterEach, test } from "vitest";
import { PolicyDefaults } from "../../../shared/policy.ts";
import { makeOutput } from "./harness-events.ts";
import { Rig } from "./rig.ts";

afterEach(reset);

const done = { state: "done", result: {} } as const;
const down = new Error("the board is overloaded");

function shown(rig: Rig) {
  return rig.world.board.cards.map(({ status, phase, attempt }) => `${status} ${phase} ${attempt}`);
}

/** What the board has of the one job is what its view says. */
async function agrees(rig: Rig): Promise<boolean> {
  const [card] = rig.world.board.cards;
  const { revision, status } = await rig.view();
  return card?.revision === revision && card.status === status;
}

test("an execution shows on the board of its first dispatch, and nowhere before that", async ({ expect }) => {
  const rig = new Rig();
  await rig.object.cancel({ jobId: "never-seen", reason: "not wanted", waitMs: 0 });
  await rig.quiet();
  expect(rig.world.board.told).toEqual([]);
  await rig.begin({ labels: { title: "Fix the test" } });
  expect(rig.world.board.cards).toMatchObject([
    { executionId: rig.executionId, title: "Fix the test", status: "running", attempt: 1 },
  ]);
  await rig.object.cancel({ jobId: `${rig.executionId}-coder`, reason: "not wanted", waitMs: 0 });
  await rig.quiet();
  expect(shown(rig)[0]).toMatch(/^stopping /);
  await rig.advance(60_000);
  expect(rig.world.board.cards[0]?.status).toBe("cancelled");
  expect(await agrees(rig)).toBe(true);
});

test("a storm of beats is a few calls at the board's interval, and the board has the newest of it", async ({
  expect,
}) => {
  const rig = new Rig();
  rig.world.board.intervalMs = 4_000;
  const job = await rig.begin();
  await rig.beat(job, { outputAgeMs: 0 });
  await rig.advance(10_000);
  const before = rig.world.board.told.length;
  for (let seq = 1; seq <= 100; seq += 1) {
    await rig.happens(() => rig.world.clock.moveTo(rig.now + 100));
    await rig.beat(job, { outputAgeMs: 0, events: [makeOutput(seq)] });
  }
  await rig.advance(4_000);
  const calls = rig.world.board.told.length - before;
  expect(calls).toBeGreaterThanOrEqual(3);
  expect(calls).toBeLessThanOrEqual(5);
  expect(await agrees(rig)).toBe(true);
  await rig.beat(job, { terminal: done });
  expect(shown(rig)[0]).toMatch(/^done /);
});

test("while the board cannot be reached the job goes on unhindered; then it hears the end, in one call", async ({
  expect,
}) => {
  const rig = new Rig();
  rig.world.board.failure = down;
  const job = await rig.begin();
  for (let seq = 1; seq <= 30; seq += 1) {
    await rig.beat(job, { outputAgeMs: 0, events: [makeOutput(seq)] });
    await rig.advance(1_000);
  }
  await rig.beat(job, { terminal: done, events: [makeOutput(31)] });
  expect((await rig.view()).status).toBe("done");
  expect(rig.world.board.cards).toEqual([]);
  expect(rig.world.board.told.length).toBeLessThanOrEqual(6);
  expect(await rig.alarmAt()).toBeGreaterThan(rig.now);
  await rig.advance(10 * 60_000);
  const tried = rig.world.board.told.length;
  expect(tried).toBeLessThanOrEqual(20);
  rig.world.board.failure = null;
  await rig.advance(60_000);
  expect(rig.world.board.told).toHaveLength(tried + 1);
  expect(rig.world.board.cards).toMatchObject([{ status: "done" }]);
  expect(await agrees(rig)).toBe(true);
  // Nothing is left to tell: the next thing this object does is to forget.
  expect(await rig.alarmAt()).toBeGreaterThan(rig.now + PolicyDefaults.retentionMs / 2);
});

test("what the board was not told outlives the incarnation that failed to, also where nothing else happens", async ({
  expect,
}) => {
  const rig = new Rig();
  const job = await rig.begin();
  rig.world.board.failure = down;
  await rig.beat(job, { terminal: done });
  await rig.evict();
  expect(shown(rig)[0]).toMatch(/^running /);
  rig.world.board.failure = null;
  await rig.evict();
  expect(rig.world.board.cards).toMatchObject([{ status: "done" }]);
  const calls = rig.world.board.told.length;
  await rig.evict();
  expect(rig.world.board.told).toHaveLength(calls);
});

test("a call whose answer was lost is repeated and changes nothing on the board", async ({ expect }) => {
  const rig = new Rig();
  const job = await rig.begin();
  rig.world.board.answerLost = new Error("the connection was lost");
  await rig.beat(job, { terminal: done });
  const { revision } = rig.world.board.state;
  const calls = rig.world.board.told.length;
  rig.world.board.answerLost = null;
  await rig.advance(1_000);
  expect(rig.world.board.told).toHaveLength(calls + 1);
  const [card] = rig.world.board.cards;
  expect(card).toMatchObject({ status: "done" });
  expect(rig.world.board.state.revision).toBeGreaterThanOrEqual(revision);
  expect(await agrees(rig)).toBe(true);
});

test("a call that never comes back holds nothing up, and is made again by the next incarnation", async ({
  expect,
}) => {
  const rig = new Rig();
  const job = await rig.begin();
  rig.world.board.until = new Promise(() => undefined);
  await rig.beat(job, { phase: "push" });
  await rig.beat(job, { terminal: done });
  expect((await rig.view()).status).toBe("done");
  expect(await rig.alarmAt()).toBeLessThanOrEqual(rig.now + 30_000);
  rig.world.board.until = null;
  await rig.crash();
  expect(rig.world.board.cards).toMatchObject([{ status: "done" }]);
});

test("a job that waits is said again every minute, so that silence can be told from waiting", async ({
  expect,
}) => {
  const rig = new Rig();
  rig.world.line.answer = { kind: "waiting", position: 2, live: 1, max: 1 };
  await rig.dispatch({ policy: { queuedMs: 60 * 60_000 } });
  await rig.advance(5_000);
  const first = rig.world.board.cards[0];
  expect(first).toMatchObject({ status: "queued", queue: { position: 2 }, staleAt: expect.any(Number) });
  await rig.advance(10 * 60_000);
  const last = rig.world.board.cards[0];
  expect(last?.asOf).toBeGreaterThan(rig.now - 61_000);
  expect(last?.revision).toBe(first?.revision);
  expect(last?.staleAt).toBeGreaterThan(rig.now);
});

test("retention takes the cards off the board before it deletes anything, however long that takes", async ({
  expect,
}) => {
  const rig = new Rig();
  const job = await rig.begin();
  await rig.beat(job, { terminal: done });
  await rig.advance(PolicyDefaults.idleMs + 60_000);
  rig.world.board.failure = down;
  await rig.advance(PolicyDefaults.retentionMs);
  expect((await rig.view()).status).toBe("done");
  expect(rig.world.board.cards).toHaveLength(1);
  const tables = await rig.dump();
  expect(tables["effect"]).toEqual([]);
  const tried = rig.world.board.removals.length;
  expect(tried).toBeGreaterThan(0);
  await rig.advance(10 * 60_000);
  expect(rig.world.board.removals.length - tried).toBeLessThanOrEqual(21);
  rig.world.board.failure = null;
  await rig.advance(60_000);
  expect(rig.world.board.cards).toEqual([]);
  expect(await rig.dump()).toEqual({});
  // The name begins anew, with a card of its own.
  await rig.begin();
  expect(rig.world.board.cards).toMatchObject([{ round: 1, status: "running" }]);
});

test("a job that comes while the cards are taken off is kept, and shown", async ({ expect }) => {
  const rig = new Rig();
  const job = await rig.begin();
  await rig.beat(job, { terminal: done });
  await rig.advance(PolicyDefaults.idleMs + 60_000);
  let answer: () => void = () => undefined;
  rig.world.board.until = new Promise((resolve) => {
    answer = resolve;
  });
  await rig.advance(PolicyDefaults.retentionMs);
  expect(rig.world.board.removals.length).toBeGreaterThan(0);
  await rig.dispatch({ jobId: "next" });
  rig.world.board.until = null;
  await rig.happens(() => answer());
  await rig.advance(5_000);
  expect((await rig.view("next")).status).toBe("running");
  expect(rig.world.board.cards.find(({ jobId }) => jobId === "next")).toMatchObject({ status: "running" });
});

test("invariant 5: a beat of a replaced attempt or another instance tells the board nothing", async ({
  expect,
}) => {
  const rig = new Rig();
  const job = await rig.begin();
  await rig.beat(job, { outputAgeMs: 0 });
  await rig.advance(5_000);
  const { state, told } = rig.world.board;
  const calls = told.length;
  const foreign = { instance: "fresh-99999999", phase: "push" };
  expect(await rig.beat(job, foreign)).toMatchObject({ ok: false });
  expect(await rig.beat(job, { attempt: 7, phase: "push" })).toMatchObject({ ok: false });
  await rig.advance(1_000);
  expect(told).toHaveLength(calls);
  expect(rig.world.board.state).toBe(state);
});

test("names of the spec are shown without what is secret in them", async ({ expect }) => {
  const rig = new Rig();
  const planted = "planted7Qx1Zr9Lw3Vn5";
  const about = {
    repository: `holt/${planted}`,
    branch: `holt/${"b".repeat(400)}`,
    branchUrl: `https://github.com/holt/${planted}/tree/main`,
    agent: "pi",
    model: "scripted",
    mode: "coding",
  } as const;
  await rig.dispatch({ about });
  const [card] = rig.world.board.cards;
  expect(JSON.stringify([card, await rig.view(), await rig.dump()])).not.toContain(planted);
  expect(card?.about).toMatchObject({ agent: "pi", model: "scripted", mode: "coding" });
  expect(card?.about?.branch).toHaveLength(200);
  expect((await rig.view()).about).toEqual(card?.about);
});

test("a card leads to the pull request once the job has ended with one, also on a later telling", async ({
  expect,
}) => {
  const rig = new Rig();
  const prUrl = "https://git.example/holt/sample/pull/7";
  const job = await rig.begin();
  expect(rig.world.board.cards[0]).not.toHaveProperty("prUrl");
  rig.world.board.failure = down;
  await rig.beat(job, { terminal: { state: "done", result: { pushed: true, prUrl } } });
  rig.world.board.failure = null;
  await rig.evict();
  await rig.advance(60_000);
  expect(rig.world.board.cards[0]).toMatchObject({ status: "done", prUrl });
});

test("an address that is too long for a card is left out of it, not cut", async ({ expect }) => {
  const rig = new Rig();
  const job = await rig.begin();
  const prUrl = `https://git.example/${"a".repeat(500)}`;
  await rig.beat(job, { terminal: { state: "done", result: { pushed: true, prUrl } } });
  expect(rig.world.board.cards[0]).toMatchObject({ status: "done" });
  expect(rig.world.board.cards[0]).not.toHaveProperty("prUrl");
});
