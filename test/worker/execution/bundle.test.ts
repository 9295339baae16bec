import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import * as fc from "fast-check";
import { afterEach, test } from "vitest";
import { verifyBundle } from "../../../shared/bundle.ts";
import { BundleHead, BundleLine } from "../../../shared/bundle/line.ts";
import type { HarnessEvent } from "../../../shared/events.ts";
import { JobView } from "../../../shared/job-view.ts";
import { Limits } from "../../../shared/limits.ts";
import { executionsOf } from "../../../worker/executions.ts";
import { sha256Hex } from "../../../worker/keys.ts";
import { makeEdge, readToken } from "../http/edge.ts";
import { flood } from "./flood.ts";
import { makeOutput } from "./harness-events.ts";
import { Rig } from "./rig.ts";

afterEach(reset);

function edgeOf(rig: Rig) {
  return makeEdge({ deps: { executions: executionsOf(env), clock: rig.world.clock } });
}

async function exportOf(rig: Rig): Promise<readonly string[]> {
  const response = await edgeOf(rig).send(`/v1/executions/${rig.executionId}/bundle`, { token: readToken });
  if (response.status !== 200) throw new Error(await response.text());
  const lines = (await response.text()).split("\n");
  if (lines.pop() !== "") throw new Error("the last line is cut");
  return lines;
}

async function headOf(rig: Rig, jobId = `${rig.executionId}-coder`): Promise<BundleHead> {
  const { send } = edgeOf(rig);
  const response = await send(`/v1/executions/${rig.executionId}/jobs/${jobId}`, { token: readToken });
  return BundleHead.parse(JobView.parse(await response.json()).bundle);
}

const check = (lines: readonly string[], expected: readonly BundleHead[] = []) =>
  verifyBundle(lines, { sha256: sha256Hex, expected });

async function endedRig(events: HarnessEvent[] = [makeOutput(1), makeOutput(2, "漢字 “two”\u2028")]) {
  const rig = new Rig();
  const job = await rig.begin();
  await rig.beat(job, { events });
  await rig.beat(job, { terminal: { state: "done", result: { summary: "made it" } } });
  return rig;
}

test("the bundle has the whole log and the jobs, and its hashes hold", async ({ expect }) => {
  const rig = await endedRig();
  const response = await edgeOf(rig).send(`/v1/executions/${rig.executionId}/bundle`, { token: readToken });
  expect(response.headers.get("content-type")).toBe("application/x-ndjson; charset=utf-8");
  expect(response.headers.get("content-disposition")).toBe(
    `attachment; filename="${rig.executionId}.ndjson"`,
  );
  const lines = (await response.text()).trimEnd().split("\n");
  const facts = lines.map((line) => BundleLine.parse(JSON.parse(line)));
  const log = await rig.events();
  expect(facts.flatMap((fact) => (fact.kind === "event" ? [fact.event] : []))).toEqual(log);
  const job = facts.find((fact) => fact.kind === "job");
  expect(job?.job).toMatchObject({ id: `${rig.executionId}-coder`, result: { summary: "made it" } });
  expect(facts.map(({ kind }) => kind).filter((kind) => kind !== "event")).toEqual([
    "bundle",
    "export",
    "job",
    "end",
  ]);
  expect(await check(lines)).toMatchObject({ ok: true, events: log.length, gaps: 0, jobs: 1 });
});

test("the view of an end names the hash of that end, which every later export has", async ({ expect }) => {
  const rig = await endedRig();
  const head = await headOf(rig);
  expect(head.cursor).toBe((await rig.events()).find(({ kind }) => kind === "terminal")?.cursor);
  expect(await check(await exportOf(rig), [head])).toMatchObject({ ok: true, head: head.head });
  await rig.evict();
  await rig.dispatch({ jobId: "second" });
  await rig.beat(rig.given("second"), { events: [makeOutput(1)] });
  await rig.beat(rig.given("second"), { terminal: { state: "done", result: {} } });
  await rig.advance(120_000);
  await rig.evict();
  const second = await headOf(rig, "second");
  expect(await headOf(rig)).toEqual(head);
  expect(second.cursor).toBeGreaterThan(head.cursor);
  expect(await check(await exportOf(rig), [head, second])).toMatchObject({ ok: true, jobs: 2 });
});

test("the hash is made by the first read of an end under /v1, kept over evictions, and nothing else is written", async ({
  expect,
}) => {
  const rig = await endedRig();
  const { tables: before, ...rest } = await rig.everything();
  await rig.object.take(`${rig.executionId}-coder`);
  expect((await rig.dump())["head"]).toEqual([]);
  const { head: _none, job: _delivered, ...others } = before;
  const head = await headOf(rig);
  const { tables: after, ...afterRest } = await rig.everything();
  expect(after["head"]).toMatchObject([{ cursor: head.cursor, hash: head.head }]);
  expect(after).toMatchObject(others);
  expect(afterRest).toEqual(rest);
  await rig.evict();
  expect(await headOf(rig)).toEqual(head);
  expect((await rig.dump())["head"]).toEqual(after["head"]);
});

test("a job that lives, and the job protocol, show no hash", async ({ expect }) => {
  const rig = new Rig();
  const job = await rig.begin();
  expect(await rig.view()).not.toHaveProperty("bundle");
  await rig.beat(job, { terminal: { state: "done", result: {} } });
  const read = await rig.object.take(job.jobId);
  expect(read.ok && "view" in read && read.view).not.toHaveProperty("bundle");
});

test("many reads of an end at once agree on its hash", async ({ expect }) => {
  const rig = await endedRig(Array.from({ length: 300 }, (_, index) => makeOutput(index + 1)));
  const heads = await Promise.all(Array.from({ length: 8 }, () => headOf(rig)));
  expect(new Set(heads.map(({ head }) => head)).size).toBe(1);
});

test("a new round has a hash of its own", async ({ expect }) => {
  const rig = await endedRig();
  const first = await headOf(rig);
  await rig.object.take(`${rig.executionId}-coder`);
  await rig.dispatch();
  await rig.beat(rig.given(`${rig.executionId}-coder`), { terminal: { state: "failed", error: "no" } });
  const second = await headOf(rig);
  expect(second.cursor).toBeGreaterThan(first.cursor);
  expect(await check(await exportOf(rig), [first, second])).toMatchObject({ ok: true });
});

test("a pruned log is exported with counted gaps, and the hashes made before are made anew", async ({
  expect,
}) => {
  const rig = await endedRig();
  await rig.dispatch({ jobId: "second" });
  const second = rig.given("second");
  await flood(rig, second, { from: 1, to: 2_500, make: makeOutput });
  await rig.beat(second, { terminal: { state: "done", result: {} } });
  const early = await headOf(rig);
  const spoilt = await headOf(rig, "second");
  await rig.dispatch({ jobId: "third" });
  await flood(rig, rig.given("third"), { from: 1, to: 20_000, make: makeOutput });
  await rig.evict();
  const lines = await exportOf(rig);
  const report = await check(lines, [early]);
  expect(report).toMatchObject({ ok: true, jobs: 3 });
  expect(report.gaps).toBeGreaterThan(0);
  expect(report.events + report.missing).toBe(report.cursor);
  expect(report.events).toBeLessThanOrEqual(Limits.eventsPerExecution);
  expect((await check(lines, [spoilt])).ok).toBe(false);
  const anew = await headOf(rig, "second");
  expect(anew.cursor).toBe(spoilt.cursor);
  expect(anew.head).not.toBe(spoilt.head);
  expect(await check(lines, [early, anew])).toMatchObject({ ok: true });
}, 60_000);

test("an export of a log that grows meanwhile ends where it began to be read", async ({ expect }) => {
  const rig = new Rig();
  const job = await rig.begin();
  await flood(rig, job, { from: 1, to: 1_500, make: makeOutput });
  const { cursor } = await rig.view();
  const response = await edgeOf(rig).send(`/v1/executions/${rig.executionId}/bundle`);
  await flood(rig, job, { from: 1_501, to: 2_000, make: makeOutput });
  const lines = (await response.text()).trimEnd().split("\n");
  expect(await check(lines)).toMatchObject({ ok: true, cursor, events: cursor });
});

test("a real bundle of which any byte is another is found out", async ({ expect }) => {
  const rig = await endedRig();
  const text = (await exportOf(rig)).join("\n");
  const bytes = new TextEncoder().encode(text);
  const decoder = new TextDecoder("utf-8", { fatal: false, ignoreBOM: true });
  await fc.assert(
    fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 0, max: 255 }), async (at, byte) => {
      fc.pre(bytes[at] !== byte);
      const mutated = Uint8Array.from(bytes);
      mutated[at] = byte;
      expect((await check(decoder.decode(mutated).split("\n"))).ok).toBe(false);
    }),
    { numRuns: 400 },
  );
  await fc.assert(
    fc.asyncProperty(fc.nat(bytes.length - 1), fc.nat(40), fc.nat(40), async (at, removed, doubled) => {
      fc.pre(removed !== doubled);
      const parts = [bytes.slice(0, at + doubled), bytes.slice(at + removed)];
      const mutated = parts.map((part) => decoder.decode(part)).join("");
      fc.pre(mutated !== text);
      expect((await check(mutated.split("\n"))).ok).toBe(false);
    }),
    { numRuns: 400 },
  );
});

test("an export that breaks off has no last line", async ({ expect }) => {
  const rig = await endedRig();
  const { send, lines: logged } = makeEdge({
    answers: {
      events: (request) => rig.object.events(request),
      execution: () => Promise.reject(new Error("the object has gone")),
    },
  });
  const response = await send(`/v1/executions/${rig.executionId}/bundle`);
  await expect(response.text()).rejects.toThrow();
  expect(logged.map(({ event }) => event)).toEqual(["bundle.failed"]);
});

test("an execution never heard of has no bundle and gets nothing written", async ({ expect }) => {
  const rig = new Rig();
  const response = await edgeOf(rig).send(`/v1/executions/${rig.executionId}/bundle`);
  expect(response.status).toBe(404);
  expect(await response.json()).toMatchObject({ code: "execution-not-found" });
  expect(await rig.dump()).toEqual({});
});
