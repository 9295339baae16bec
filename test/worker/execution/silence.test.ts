import { reset } from "cloudflare:test";
import { afterEach, test } from "vitest";
import { PolicyDefaults } from "../../../shared/policy.ts";
import { makeOutput } from "./harness-events.ts";
import { Rig } from "./rig.ts";

afterEach(reset);

const SECOND_QUESTION_MS = 5_000;
const { silenceMs } = PolicyDefaults;

function questions(rig: Rig): number {
  const asked = rig.machine.started.flatMap(({ harness }) => harness.asked);
  return asked.filter(({ method, path }) => method === "GET" && path.startsWith("/jobs/")).length;
}

test("invariant 6: a silent job is asked for, and goes on where the harness knows it", async ({ expect }) => {
  const rig = new Rig();
  const job = await rig.begin();
  await rig.advance(silenceMs - 1);
  expect(questions(rig)).toBe(0);
  await rig.advance(1);
  expect(questions(rig)).toBe(1);
  expect((await rig.view()).status).toBe("running");
  await rig.evict();
  await rig.advance(10 * silenceMs);
  // After the second answer it is read every five seconds.
  expect(questions(rig)).toBeGreaterThan(80);
  expect((await rig.view()).status).toBe("running");
  await rig.beat(job, { terminal: { state: "done", result: {} } });
  expect((await rig.view()).status).toBe("done");
});

test("a silent job whose harness does not answer is asked for twice and then lost, with the evidence", async ({
  expect,
}) => {
  const rig = new Rig();
  const job = await rig.begin();
  await rig.beat(job, { events: [makeOutput(1)] });
  rig.machine.harnessScript.listening = false;
  await rig.advance(silenceMs);
  expect((await rig.view()).status).toBe("running");
  await rig.evict();
  await rig.advance(SECOND_QUESTION_MS);
  const view = await rig.view();
  expect(view).toMatchObject({
    status: "evicted",
    evicted: "transient",
    exit: { code: null, cause: "silence" },
  });
  expect(view.outcome?.evidence[0]?.text).toContain(`no beat for ${silenceMs + SECOND_QUESTION_MS} ms`);
  expect(view.outcome?.evidence[0]?.text).toContain("not listening");
  expect(view.gaps).toMatchObject([{ count: null }]);
  expect(rig.machine.alive).toBeNull();
  expect(rig.machine.started).toHaveLength(1);
});

test("a beat between the two questions is a sign of life", async ({ expect }) => {
  const rig = new Rig();
  const job = await rig.begin();
  rig.machine.harnessScript.listening = false;
  await rig.advance(silenceMs + 1_000);
  await rig.beat(job);
  await rig.advance(SECOND_QUESTION_MS + 10_000);
  expect((await rig.view()).status).toBe("running");
});

test("a question that never comes back is put again, and the job not lost for one of them", async ({
  expect,
}) => {
  const rig = new Rig();
  await rig.begin();
  rig.machine.harnessScript.answer = ({ method }) => (method === "GET" ? new Promise(() => undefined) : null);
  await rig.advance(silenceMs + 1_000);
  expect((await rig.view()).status).toBe("running");
  rig.machine.harnessScript.answer = null;
  await rig.crash();
  await rig.advance(60_000);
  expect((await rig.view()).status).toBe("running");
});

test("a container that answers but knows no such job has lost it", async ({ expect }) => {
  const rig = new Rig();
  await rig.begin();
  rig.machine.harness.jobs.clear();
  await rig.advance(silenceMs);
  const view = await rig.view();
  expect(view).toMatchObject({ status: "evicted", exit: { cause: "silence" } });
  expect(view.outcome?.evidence[0]?.text).toContain("does not know the job");
  expect(rig.machine.alive).toBeNull();
});

test("a harness that was started anew behind the object's back has lost the job", async ({ expect }) => {
  const rig = new Rig();
  const job = await rig.begin();
  rig.machine.bootAnew();
  rig.machine.harness.jobs.set(job.jobId, job);
  await rig.advance(silenceMs);
  const view = await rig.view();
  expect(view).toMatchObject({ status: "evicted", exit: { cause: "silence" } });
  expect(view.outcome?.evidence[0]?.text).toContain("started anew");
});

test("an end that is only to be had by asking is fetched, and what it may have cost is a gap", async ({
  expect,
}) => {
  const rig = new Rig();
  const job = await rig.begin();
  const { boot, instance } = rig.machine.harness;
  const result = { summary: "made it", pushed: true };
  const end = {
    id: job.jobId,
    state: "done",
    startedAt: 1,
    heartbeatAt: 1,
    phase: "done",
    attempt: 1,
    result,
  };
  rig.machine.harnessScript.answer = ({ method }) =>
    method === "GET" ? Response.json({ ...end, boot, instance }) : null;
  await rig.advance(silenceMs);
  // A terminal beat would bring the last events with it, so it is given one more window.
  expect((await rig.view()).status).toBe("running");
  await rig.evict();
  await rig.advance(silenceMs);
  const view = await rig.view();
  expect(view).toMatchObject({ status: "done", result });
  expect(view.gaps).toMatchObject([{ count: null }]);
});

test("an alarm that comes late does not convict: the harness gets as much time again before it is asked", async ({
  expect,
}) => {
  const rig = new Rig();
  await rig.begin();
  rig.machine.harnessScript.listening = false;
  await rig.happens(() => rig.world.clock.moveTo(rig.now + 10 * 60_000));
  await rig.alarm();
  expect(questions(rig)).toBe(0);
  await rig.evict();
  rig.machine.harnessScript.listening = true;
  await rig.advance(silenceMs / 3);
  expect(questions(rig)).toBe(1);
  expect((await rig.view()).status).toBe("running");
});

test("max-duration stops the job whatever it beats, and says so beforehand", async ({ expect }) => {
  const rig = new Rig();
  const job = await rig.begin({ policy: { maxDurationMs: 600_000, silenceMs: 300_000 } });
  await rig.advance(301_000);
  await rig.beat(job, { sentAt: 1 });
  expect((await rig.view()).notes.map(({ code }) => code)).toContain("max-duration-near");
  await rig.evict();
  await rig.advance(299_000);
  expect((await rig.view()).status).toBe("stopping");
  const stops = rig.machine.harness.asked.filter(({ method }) => method === "DELETE");
  expect(stops).toMatchObject([{ body: { cause: "max-duration" } }]);
  const error = "Aborted: exceeded max duration of 600s";
  await rig.beat(job, { terminal: { state: "failed", error: "stopped", failureCause: "max-duration" } });
  const view = await rig.view();
  expect(view).toMatchObject({
    status: "failed",
    error,
    failureCause: "max-duration",
    outcome: { code: "max-duration" },
  });
});

test("a step that takes too long is stopped by name", async ({ expect }) => {
  const rig = new Rig();
  const job = await rig.begin({ policy: { cloneMs: 30_000 } });
  await rig.beat(job, { phase: "clone" });
  await rig.advance(30_000);
  const view = await rig.view();
  expect(view.status).toBe("stopping");
  expect(view.notes.at(-1)?.text).toContain("clone step timed out");
  await rig.advance(PolicyDefaults.stopGraceMs + PolicyDefaults.killGraceMs + 10_000);
  expect(await rig.view()).toMatchObject({ status: "failed", outcome: { code: "step-timeout" } });
});

test("an end that comes after its job was given up is in the log, without a word of it", async ({
  expect,
}) => {
  const rig = new Rig();
  const job = await rig.begin();
  rig.machine.undestroyable = true;
  rig.machine.harnessScript.listening = false;
  await rig.advance(120_000);
  expect((await rig.view()).status).toBe("evicted");
  const result = { pushed: true, branch: "holt/late", summary: "what nobody may store any more" };
  await rig.beat(job, { terminal: { state: "done", result } });
  const late = (await rig.events()).filter(({ kind }) => kind === "late-evidence");
  expect(late).toMatchObject([{ of: "terminal", state: "done", pushed: true }]);
  expect(JSON.stringify(await rig.dump())).not.toContain("nobody may store");
  expect((await rig.view()).status).toBe("evicted");
});
