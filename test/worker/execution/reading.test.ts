import { reset } from "cloudflare:test";
import { afterEach, test } from "vitest";
import type { HarnessEvent } from "../../../shared/events.ts";
import type { JobView } from "../../../shared/job-view.ts";
import { Limits } from "../../../shared/limits.ts";
import { makeOutput } from "./harness-events.ts";
import { Rig } from "./rig.ts";
import { question, seqs, take, titles, tool } from "./telemetry.ts";

afterEach(reset);

test("a read that waits is answered when the job changes, and unchanged when the wait is over", async ({
  expect,
}) => {
  const rig = new Rig();
  const job = await rig.begin();
  const { jobId } = job;
  const { revision } = await rig.view();
  const waiting = rig.object.read({ jobId, door: "native", revision, waitMs: 20_000 });
  await rig.quiet();
  await rig.beat(job, { events: [makeOutput(1)] });
  expect(await waiting).toMatchObject({ ok: true, view: { id: jobId } });
  const second = (await rig.view()).revision;
  expect(second).toBeGreaterThan(revision);
  const unanswered = rig.object.read({ jobId, door: "native", revision: second, waitMs: 20_000 });
  await rig.quiet();
  await rig.advance(20_000);
  expect(await unanswered).toEqual({ ok: true, unchanged: true, revision: second });
});

test("a read of an older revision is answered at once, and one of this revision as unchanged", async ({
  expect,
}) => {
  const rig = new Rig();
  const { jobId } = await rig.begin();
  const { revision } = await rig.view();
  const old = await rig.object.read({ jobId, door: "native", revision: revision - 1, waitMs: 20_000 });
  expect(old).toMatchObject({ ok: true, view: { revision } });
  expect(await rig.object.read({ jobId, door: "native", revision })).toEqual({
    ok: true,
    unchanged: true,
    revision,
  });
});

test("invariant 2: revisions and cursors only grow, over evictions, rounds and clocks that stand still", async ({
  expect,
}) => {
  const rig = new Rig();
  const job = await rig.begin();
  const seen: { revision: number; cursor: number }[] = [];
  const look = async () => seen.push(await rig.view());
  await look();
  await rig.beat(job, { events: [makeOutput(1)] });
  await look();
  await rig.evict();
  await look();
  await rig.beat(job, { terminal: { state: "done", result: {} } });
  await look();
  await take(rig, job.jobId);
  await rig.dispatch();
  await look();
  await rig.evict();
  await look();
  for (const [index, { revision, cursor }] of seen.entries()) {
    expect(revision).toBeGreaterThanOrEqual(seen[index - 1]?.revision ?? 0);
    expect(cursor).toBeGreaterThanOrEqual(seen[index - 1]?.cursor ?? 0);
  }
  const cursors = (await rig.events()).map(({ cursor }) => cursor);
  expect(cursors).toEqual(cursors.map((_, index) => index + 1));
});

test("invariant 2: a name that is used again after its retention goes on above its old revisions", async ({
  expect,
}) => {
  const rig = new Rig();
  const job = await rig.begin();
  await rig.beat(job, { terminal: { state: "done", result: {} } });
  const { revision } = await rig.view();
  await rig.advance(8 * 24 * 3_600_000);
  expect(await rig.dump()).toEqual({});
  await rig.dispatch();
  expect((await rig.view()).revision).toBeGreaterThan(revision);
});

test("the plain read offers spans again until a second has passed, and follow-ups once", async ({
  expect,
}) => {
  const rig = new Rig();
  const job = await rig.begin();
  await rig.beat(job, { events: [tool(1), tool(2), question(3, "A"), question(4, "A"), question(5, "B")] });
  const first = await take(rig, job.jobId);
  expect(seqs(first)).toEqual([1, 2]);
  expect(titles(first)).toEqual(["A", "B"]);
  const second = await take(rig, job.jobId);
  expect(seqs(second)).toEqual([1, 2]);
  expect(titles(second)).toEqual([]);
  await rig.beat(job, { events: [tool(6), question(7, "B")] });
  expect(seqs(await take(rig, job.jobId))).toEqual([1, 2, 3]);
  await rig.evict();
  await rig.advance(1_001);
  expect(seqs(await take(rig, job.jobId))).toEqual([]);
  await rig.advance(1_001);
  await rig.beat(job, { events: [tool(8)] });
  const last = await take(rig, job.jobId);
  expect(seqs(last)).toEqual([4]);
  expect(titles(last)).toEqual([]);
});

test("the end repeats the newest spans, and the read that carries it delivers it", async ({ expect }) => {
  const rig = new Rig();
  const job = await rig.begin();
  await rig.beat(job, { events: [tool(1), tool(2)] });
  await take(rig, job.jobId);
  await rig.advance(2_000);
  await rig.beat(job, { terminal: { state: "done", result: {} } });
  const end = await take(rig, job.jobId);
  expect(end).toMatchObject({ state: "done" });
  expect(seqs(end)).toEqual([1, 2]);
  expect(JSON.parse(String((await rig.dump())["job"]?.[0]?.["state"]))).toMatchObject({ delivered: true });
});

test("more spans than one read may carry come with the next", async ({ expect }) => {
  const rig = new Rig();
  const job = await rig.begin();
  const events = Array.from({ length: Limits.spansPerRead + 50 }, (_, index) => tool(index + 1));
  await rig.beat(job, { events });
  expect(seqs(await take(rig, job.jobId))).toHaveLength(Limits.spansPerRead);
  await rig.advance(1_001);
  expect(seqs(await take(rig, job.jobId))).toEqual(
    Array.from({ length: 50 }, (_, index) => Limits.spansPerRead + 1 + index),
  );
});

test("reads by cursor and of the native API drain and deliver nothing, and change nothing", async ({
  expect,
}) => {
  const rig = new Rig();
  const job = await rig.begin();
  await rig.beat(job, { events: [tool(1), question(2, "A")] });
  await rig.beat(job, { terminal: { state: "done", result: {} } });
  await rig.view(); // The first read of an end under `/v1` keeps the bundle's hash; bundle-heads.test.ts has that.
  const before = await rig.everything();
  for (const _ of [1, 2]) {
    const read = await rig.object.read({ jobId: job.jobId, door: "job", after: 0 });
    if (!read.ok || !("view" in read)) throw new Error("no view");
    expect(seqs(read.view)).toEqual([1]);
    expect(titles(read.view)).toEqual(["A"]);
  }
  await rig.view();
  await rig.object.execution();
  await rig.object.result(job.jobId);
  await rig.events();
  expect(await rig.everything()).toEqual(before);
  await rig.advance(2_000);
  expect(titles(await take(rig, job.jobId))).toEqual(["A"]);
});

test("the view of an execution has its jobs, its container and its deadlines", async ({ expect }) => {
  const rig = new Rig();
  const job = await rig.begin();
  await rig.advance(10_000);
  await rig.evict();
  const read = await rig.object.execution();
  if (!read.ok) throw new Error(read.error);
  const { view } = read;
  expect(view).toMatchObject({ executionId: rig.executionId, containerSeconds: 10 });
  expect(view.jobs.map(({ id }) => id)).toEqual([job.jobId]);
  expect(view.instance).toMatchObject({ instance: job.envelope.instance, running: true, size: "standard-1" });
  expect(view.deadlines.map(({ name }) => name)).toEqual(["tick", "silence", "warning", "max-duration"]);
});

test("a result larger than may be kept is replaced by its size, and a large one is read whole", async ({
  expect,
}) => {
  const rig = new Rig();
  const job = await rig.begin();
  const summary = "x".repeat(500_000);
  await rig.beat(job, { terminal: { state: "done", result: { summary } } });
  await rig.evict();
  const whole = await rig.object.result(job.jobId);
  expect(whole.ok && whole.result === JSON.stringify({ summary })).toBe(true);
  const other = new Rig();
  const large = await other.begin();
  await other.beat(large, {
    terminal: { state: "done", result: { summary: "x".repeat(Limits.resultBytes) } },
  });
  expect((await other.view()).result?.error).toContain("result-too-large");
});

test("an end is held back while the last spans are handed out, and no longer than three reads", async ({
  expect,
}) => {
  const rig = new Rig();
  const job = await rig.begin();
  const sent = 1_300;
  const wide = (seq: number): HarnessEvent => ({ ...tool(seq), argsSummary: "x".repeat(480) });
  for (let first = 1; first <= sent; first += 325) {
    await rig.beat(job, { events: Array.from({ length: 325 }, (_, index) => wide(first + index)) });
  }
  await rig.beat(job, { terminal: { state: "done", result: { summary: "made it" } } });
  const reads: JobView[] = [];
  for (let read = 0; read < 6 && reads.at(-1)?.state !== "done"; read += 1) {
    reads.push(await take(rig, job.jobId));
    await rig.evict();
    await rig.advance(1_001);
  }
  expect(reads.map(({ state }) => state)).toEqual(["running", "running", "running", "done"]);
  for (const view of reads) expect(JSON.stringify(view).length).toBeLessThan(Limits.viewBytes);
  const seen = new Set(reads.flatMap(seqs));
  expect([...seen].toSorted((a, b) => a - b).slice(0, 200)).toEqual(
    Array.from({ length: 200 }, (_, i) => i + 1),
  );
  expect(reads.at(-1)?.result?.summary).toBe("made it");
  expect(await rig.view()).toMatchObject({ state: "done" });
});

test("a released job reads at each door as that door says, with a cursor too", async ({ expect }) => {
  const rig = new Rig();
  const { jobId } = await rig.begin();
  await rig.object.release({ id: rig.executionId, reason: "over", waitMs: 0 });
  await rig.advance(15_000);
  for (const after of [0, undefined]) {
    const cursor = after === undefined ? {} : { after };
    const native = await rig.object.read({ jobId, door: "native", ...cursor });
    expect(native).toMatchObject({ view: { status: "cancelled", outcome: { code: "released" } } });
    const protocol = await rig.object.read({ jobId, door: "job", ...cursor });
    expect(protocol).toMatchObject({ view: { status: "stopping", state: "running" } });
  }
});

test("reading on from the cursor of each view brings every span and follow-up, whatever fits in one", async ({
  expect,
}) => {
  const rig = new Rig();
  const job = await rig.begin();
  const wide = (seq: number): HarnessEvent => ({ ...tool(seq), argsSummary: "x".repeat(480) });
  await rig.beat(job, { events: Array.from({ length: 345 }, (_, index) => wide(index + 1)) });
  await rig.beat(job, { events: [question(346, "A"), wide(347), question(348, "B")] });
  const summary = "y".repeat(150_000);
  await rig.beat(job, { terminal: { state: "done", result: { summary } } });
  const spans: number[] = [];
  const questions: string[] = [];
  let after = 0;
  for (let read = 0; read < 20; read += 1) {
    const answer = await rig.object.read({ jobId: job.jobId, door: "native", after });
    if (!answer.ok || !("view" in answer)) throw new Error("no view");
    const { view } = answer;
    expect(JSON.stringify(view).length).toBeLessThan(Limits.viewBytes);
    spans.push(...seqs(view));
    questions.push(...titles(view));
    if (view.cursor === after) break;
    after = view.cursor;
  }
  expect(spans).toEqual(Array.from({ length: 346 }, (_, index) => index + 1));
  expect(questions).toEqual(["A", "B"]);
});

test("an end with more spans behind it than one read carries is told after them, or with the newest", async ({
  expect,
}) => {
  const rig = new Rig();
  const job = await rig.begin();
  await rig.beat(job, { events: Array.from({ length: 450 }, (_, index) => tool(index + 1)) });
  await rig.beat(job, { terminal: { state: "done", result: {} } });
  const states: string[] = [];
  const seen = new Set<number>();
  let last: readonly number[] = [];
  for (let read = 0; read < 6 && states.at(-1) !== "done"; read += 1) {
    const view = await take(rig, job.jobId);
    states.push(view.state);
    last = seqs(view);
    for (const seq of last) seen.add(seq);
    await rig.advance(1_001);
  }
  expect(states.at(-1)).toBe("done");
  expect(seen.size).toBe(450);
  expect(last.at(-1)).toBe(450);
  expect(await rig.dispatch()).toMatchObject({ ok: true, answer: { round: 2 } });
});

test("an end that is held back is not delivered: a dispatch meanwhile re-attaches", async ({ expect }) => {
  const rig = new Rig();
  const job = await rig.begin();
  await rig.beat(job, { events: Array.from({ length: 450 }, (_, index) => tool(index + 1)) });
  await rig.beat(job, { terminal: { state: "done", result: {} } });
  expect(await take(rig, job.jobId)).toMatchObject({ state: "running" });
  expect(await rig.dispatch()).toMatchObject({ ok: true, answer: { round: 1, status: "done" } });
});

test("spans and follow-ups that a large result leaves no room for are not lost", async ({ expect }) => {
  const rig = new Rig();
  const job = await rig.begin();
  const wide = (seq: number): HarnessEvent => ({ ...tool(seq), argsSummary: "x".repeat(400) });
  await rig.beat(job, {
    events: [...Array.from({ length: 199 }, (_, index) => wide(index + 1)), question(200, "A")],
  });
  await rig.beat(job, { terminal: { state: "done", result: { summary: "y".repeat(150_000) } } });
  const seen = new Set<number>();
  const asked: string[] = [];
  for (let read = 0; read < 5; read += 1) {
    const view = await take(rig, job.jobId);
    expect(JSON.stringify(view).length).toBeLessThan(Limits.viewBytes);
    for (const seq of seqs(view)) seen.add(seq);
    asked.push(...titles(view));
    await rig.advance(1_001);
    if (view.state === "done") {
      expect(view.result?.summary).toHaveLength(150_000);
      break;
    }
  }
  expect(seen.size).toBe(199);
  expect(asked).toEqual(["A"]);
});

test("a result of many small fields is cut to what a client reads, and what was pushed stays", async ({
  expect,
}) => {
  const rig = new Rig();
  const job = await rig.begin();
  const fields = Object.fromEntries(
    Array.from({ length: 5_000 }, (_, index) => [`field${index}`, "z".repeat(80)]),
  );
  const result = { ...fields, pushed: true, branch: "fix", prUrl: "https://git.example/1" };
  await rig.beat(job, { terminal: { state: "done", result } });
  const view = await take(rig, job.jobId);
  expect(JSON.stringify(view).length).toBeLessThan(Limits.viewBytes);
  expect(view.result).toMatchObject({ pushed: true, branch: "fix", prUrl: "https://git.example/1" });
  expect(view.result?.error).toContain("result-too-large");
  const whole = await rig.object.result(job.jobId);
  expect(whole.ok && JSON.parse(whole.result ?? "{}")).toEqual(result);
});

test("an end that could not be held back any longer carries the newest spans", async ({ expect }) => {
  const rig = new Rig();
  const job = await rig.begin();
  for (let first = 1; first <= 1_300; first += 325) {
    await rig.beat(job, { events: Array.from({ length: 325 }, (_, index) => tool(first + index)) });
  }
  await rig.beat(job, { terminal: { state: "done", result: {} } });
  for (let read = 0; read < 3; read += 1) {
    expect((await take(rig, job.jobId)).state).toBe("running");
    await rig.advance(1_001);
  }
  const end = await take(rig, job.jobId);
  expect(end.state).toBe("done");
  expect(end.spans?.at(-1)?.seq).toBe(1_300);
});
