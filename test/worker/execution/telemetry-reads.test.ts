import { reset } from "cloudflare:test";
import { afterEach, test } from "vitest";
import { Limits } from "../../../shared/limits.ts";
import { Rig } from "./rig.ts";
import { question, readAfter, seqs, take, titles, tool } from "./telemetry.ts";

afterEach(reset);

function upTo(last: number): readonly number[] {
  return Array.from({ length: last }, (_, index) => index + 1);
}

test("reading on by cursor brings every span, also where a repeated follow-up stands among them", async ({
  expect,
}) => {
  const rig = new Rig();
  const job = await rig.begin();
  await rig.beat(job, {
    events: [question(1, "A"), question(2, "A"), ...Array.from({ length: 448 }, (_, i) => tool(i + 3))],
  });
  const spans: number[] = [];
  for (let after = 0, before = -1; after !== before;) {
    const view = await readAfter(rig, job.jobId, after);
    spans.push(...seqs(view));
    [before, after] = [after, view.cursor];
  }
  expect(spans).toEqual(upTo(448));
});

for (const dropped of [50, 250]) {
  test(`spans are offered on beyond ${dropped} that pruning dropped, and then the end is told`, async ({
    expect,
  }) => {
    const rig = new Rig();
    const job = await rig.begin();
    const before = (await rig.view()).cursor;
    await rig.beat(job, { events: Array.from({ length: 300 }, (_, index) => tool(index + 1)) });
    await rig.dropEvents(before + 1, before + dropped);
    const offered = seqs(await take(rig, job.jobId));
    expect(offered).toEqual(upTo(300).slice(dropped, dropped + Limits.spansPerRead));
    await rig.advance(1_001);
    expect([...offered, ...seqs(await take(rig, job.jobId))]).toEqual(upTo(300).slice(dropped));
    await rig.advance(1_001);
    await rig.beat(job, { terminal: { state: "done", result: {} } });
    expect(await take(rig, job.jobId)).toMatchObject({ state: "done" });
  });
}

test("an end is told past spans that pruning dropped before they were offered", async ({ expect }) => {
  const rig = new Rig();
  const job = await rig.begin();
  const before = (await rig.view()).cursor;
  await rig.beat(job, { events: Array.from({ length: 300 }, (_, index) => tool(index + 1)) });
  await rig.beat(job, { terminal: { state: "done", result: {} } });
  await rig.dropEvents(before + 1, before + 250);
  const end = await take(rig, job.jobId);
  expect(end.state).toBe("done");
  expect(seqs(end)).toEqual(upTo(300).slice(250));
});

test("follow-ups that come after many repeated ones are offered, whatever came between two reads", async ({
  expect,
}) => {
  const rig = new Rig();
  const job = await rig.begin();
  const names = Array.from({ length: 190 }, (_, index) => `question ${index}`);
  const told = [...names.slice(0, 150), ...names.slice(0, 150), ...names.slice(150)];
  await rig.beat(job, { events: told.map((title, index) => question(index + 1, title)) });
  expect(titles(await take(rig, job.jobId))).toEqual(names);
});

test("more follow-ups than one read may carry come with the next, and the end after them", async ({
  expect,
}) => {
  const rig = new Rig();
  const job = await rig.begin();
  const names = Array.from({ length: 250 }, (_, index) => `question ${index}`);
  await rig.beat(job, { events: names.map((title, index) => question(index + 1, title)) });
  await rig.beat(job, { terminal: { state: "done", result: {} } });
  const first = await take(rig, job.jobId);
  const second = await take(rig, job.jobId);
  expect([first.state, second.state]).toEqual(["running", "done"]);
  expect([...titles(first), ...titles(second)]).toEqual(names);
});

test("a reader that goes on by cursor is neither held nor told that nothing changed while more lies after it", async ({
  expect,
}) => {
  const rig = new Rig();
  const job = await rig.begin();
  const { jobId } = job;
  await rig.beat(job, { events: Array.from({ length: 450 }, (_, index) => tool(index + 1)) });
  const spans: number[] = [];
  let { cursor, revision } = await readAfter(rig, jobId, 0);
  for (const count of [200, 50]) {
    const read = await rig.object.read({ jobId, door: "job", after: cursor, revision, waitMs: 20_000 });
    if (!read.ok || !("view" in read)) throw new Error("no view");
    expect(seqs(read.view)).toHaveLength(count);
    spans.push(...seqs(read.view));
    ({ cursor, revision } = read.view);
  }
  expect(spans).toEqual(upTo(450).slice(Limits.spansPerRead));
  const read = rig.object.read({ jobId, door: "job", after: cursor, revision, waitMs: 20_000 });
  await rig.quiet();
  await rig.advance(20_000);
  expect(await read).toEqual({ ok: true, unchanged: true, revision });
});

test("a reader by cursor that waits has the first span that is stored after it", async ({ expect }) => {
  const rig = new Rig();
  const job = await rig.begin();
  const { jobId } = job;
  const { cursor, revision } = await readAfter(rig, jobId, 0);
  const read = rig.object.read({ jobId, door: "job", after: cursor, revision, waitMs: 20_000 });
  await rig.quiet();
  await rig.beat(job, { events: [tool(1)] });
  expect(await read).toMatchObject({ view: { spans: [{ seq: 1 }] } });
});
