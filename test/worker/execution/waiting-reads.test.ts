import { reset } from "cloudflare:test";
import { afterEach, test } from "vitest";
import { makeOutput } from "./harness-events.ts";
import { Rig } from "./rig.ts";

afterEach(reset);

test("a read of events waits for one after its cursor, and for another log than its tag names", async ({
  expect,
}) => {
  const rig = new Rig();
  const job = await rig.begin();
  const { cursor: after } = await rig.view();
  const waiting = rig.object.events({ after, limit: 10, waitMs: 20_000 });
  await rig.quiet();
  await rig.advance(1_000);
  await rig.beat(job); // Alive, and nothing to tell.
  await rig.beat(job, { events: [makeOutput(1)] });
  const first = await waiting;
  if (!first.ok) throw new Error(first.error);
  expect(first.page.events.map(({ kind }) => kind)).toEqual(["output"]);
  const again = rig.object.events({ after, limit: 10, waitMs: 20_000, tag: first.tag });
  await rig.quiet();
  await rig.beat(job, { events: [makeOutput(2)] });
  const second = await again;
  if (!second.ok) throw new Error(second.error);
  expect(second.page.events.length).toBe(2);
  expect(second.tag).not.toBe(first.tag);
  const unanswered = rig.object.events({ after: after + 2, limit: 10, waitMs: 20_000 });
  await rig.quiet();
  await rig.advance(20_000);
  expect(await unanswered).toMatchObject({
    ok: true,
    page: { events: [], next: after + 2 },
    tag: second.tag,
  });
  await rig.evict();
  expect(await rig.object.events({ after, limit: 10 })).toMatchObject({ tag: second.tag });
});

test("an answer at once where there is something after the cursor, and a refusal beyond the log", async ({
  expect,
}) => {
  const rig = new Rig();
  await rig.begin();
  const { cursor } = await rig.view();
  const read = await rig.object.events({ after: cursor - 1, limit: 10, waitMs: 20_000, tag: "0.0" });
  expect(read).toMatchObject({ ok: true, page: { next: cursor }, live: true });
  const before = await rig.everything();
  expect(await rig.object.events({ after: cursor + 1, limit: 10, waitMs: 20_000 })).toMatchObject({
    ok: false,
    code: "invalid-request",
    details: { newest: cursor },
  });
  expect(await rig.everything()).toEqual(before);
});

test("a name that is used again after its retention has other tags for the same cursors", async ({
  expect,
}) => {
  const rig = new Rig();
  const job = await rig.begin();
  await rig.beat(job, { terminal: { state: "done", result: {} } });
  const first = await rig.object.events({ after: 0, limit: 10 });
  await rig.advance(8 * 24 * 3_600_000);
  const again = await rig.begin();
  await rig.beat(again, { terminal: { state: "done", result: {} } });
  const second = await rig.object.events({ after: 0, limit: 10 });
  if (!first.ok || !second.ok) throw new Error("no page");
  expect(second.page.newest).toBe(first.page.newest);
  expect(second.tag).not.toBe(first.tag);
});

test("a read of an execution waits for another revision; time alone makes none", async ({ expect }) => {
  const rig = new Rig();
  const job = await rig.begin();
  const first = await rig.object.execution();
  if (!first.ok) throw new Error(first.error);
  const { revision } = first.view;
  const waiting = rig.object.execution({ revision, waitMs: 20_000 });
  await rig.quiet();
  await rig.beat(job, { events: [makeOutput(1)] });
  const second = await waiting;
  if (!second.ok) throw new Error(second.error);
  expect(second.view.revision).toBeGreaterThan(revision);
  const late = rig.object.execution({ revision: second.view.revision, waitMs: 10_000 });
  await rig.quiet();
  await rig.advance(10_000);
  const third = await late;
  if (!third.ok) throw new Error(third.error);
  expect(third.view.revision).toBe(second.view.revision);
  expect(third.view.asOf).toBeGreaterThan(second.view.asOf);
});

test("a read of a job that waits behind another is answered when that one's deadline is moved", async ({
  expect,
}) => {
  const rig = new Rig();
  const job = await rig.begin({ door: "native" });
  await rig.dispatch({ door: "native", jobId: "second" });
  const { revision } = await rig.view("second");
  const waiting = rig.object.read({ jobId: "second", door: "native", revision, waitMs: 20_000 });
  await rig.quiet();
  await rig.beat(job, { outputAgeMs: 0 });
  const until = rig.now + 5 * 3_600_000;
  await rig.object.extend({ jobId: job.jobId, deadline: "max-duration", until });
  const read = await waiting;
  if (!read.ok || !("view" in read)) throw new Error("no view");
  expect(read.view.deadlines.find(({ name }) => name === "max-duration")?.at).toBe(until);
});
