import { reset } from "cloudflare:test";
import { afterEach, test } from "vitest";
import { PolicyDefaults } from "../../../shared/policy.ts";
import { makeOutput } from "./harness-events.ts";
import { Rig, replyOf } from "./rig.ts";

afterEach(reset);

/** The wait for a terminal beat that may still be under way. */
const JUDGED_MS = 5_000;
const done = { state: "done", result: { summary: "made it" } } as const;

test("invariant 7: an end is recorded at once while the monitor is held, and judged after a wait", async ({
  expect,
}) => {
  const rig = new Rig();
  await rig.begin();
  await rig.happens(() => rig.machine.exit(3));
  const seen = await rig.view();
  expect(seen).toMatchObject({
    status: "running",
    exit: { code: 3, cause: "exited", by: "monitor", at: rig.now },
  });
  expect(seen.container?.running).toBe(false);
  expect((await rig.events()).map(({ kind }) => kind)).toContain("instance-exited");
  await rig.advance(JUDGED_MS);
  const view = await rig.view();
  expect(view).toMatchObject({ status: "evicted", state: "failed", evicted: "crash", exit: { code: 3 } });
  expect(view.error).toContain("(container evicted or crashed)");
  expect(view.error).not.toContain("transient");
  expect(view.outcome).toMatchObject({ code: "evicted-crash", blame: "harness" });
  expect(view.outcome?.evidence.map(({ code }) => code)).toEqual(["exit", "judged"]);
  expect((await rig.dump())["spec"]).toEqual([]);
});

test("an end that came while nobody watched is found when the object begins anew, with no code invented", async ({
  expect,
}) => {
  const rig = new Rig();
  await rig.begin();
  // Nobody of this incarnation hears of it: what ends between two incarnations leaves no monitor behind.
  await rig.endedUnseen(() => rig.machine.exit(3));
  await rig.advance(JUDGED_MS);
  const view = await rig.view();
  expect(view).toMatchObject({
    status: "evicted",
    evicted: "transient",
    exit: { code: null, cause: "vanished" },
  });
  expect(view.error).toContain("transient infrastructure eviction");
  expect(rig.machine.started).toHaveLength(1);
});

test("an end that was seen is judged by the next incarnation too", async ({ expect }) => {
  const rig = new Rig();
  await rig.begin();
  await rig.happens(() => rig.machine.exit(9));
  await rig.evict();
  expect(await rig.view()).toMatchObject({ status: "running", exit: { code: 9 } });
  await rig.advance(JUDGED_MS);
  expect(await rig.view()).toMatchObject({ status: "evicted", exit: { code: 9, cause: "exited" } });
});

test("a terminal beat before the exit is the end of the job, and the exit changes nothing about it", async ({
  expect,
}) => {
  const rig = new Rig();
  const job = await rig.begin();
  await rig.beat(job, { terminal: done });
  await rig.happens(() => rig.machine.exit(1));
  await rig.advance(JUDGED_MS);
  const view = await rig.view();
  expect(view).toMatchObject({ status: "done", result: done.result, exit: { code: 1 } });
  expect(view.evicted).toBeUndefined();
  await rig.evict();
  expect(await rig.view()).toMatchObject({ status: "done", result: done.result });
});

test("a terminal beat under way when the exit is seen is still the end of the job", async ({ expect }) => {
  const rig = new Rig();
  const job = await rig.begin();
  await rig.happens(() => rig.machine.exit(0));
  await rig.advance(JUDGED_MS - 1);
  expect(replyOf(await rig.beat(job, { events: [makeOutput(1)], terminal: done })).ack).toBe(1);
  expect(await rig.view()).toMatchObject({ status: "done", result: done.result });
  await rig.advance(JUDGED_MS);
  expect(await rig.view()).toMatchObject({ status: "done", exit: { code: 0 } });
});

test("a terminal beat after the judgement is refused and changes nothing", async ({ expect }) => {
  const rig = new Rig();
  const job = await rig.begin();
  await rig.happens(() => rig.machine.exit(1));
  await rig.advance(JUDGED_MS);
  const before = await rig.everything();
  expect(await rig.beat(job, { terminal: done })).toMatchObject({ ok: false, code: "stale-attempt" });
  expect(await rig.everything()).toEqual(before);
  expect((await rig.view()).status).toBe("evicted");
});

const ends = [
  { code: 137, cause: "oom", evicted: "crash" },
  { code: 143, cause: "platform-stop", evicted: "transient" },
  { code: 0, cause: "exited", evicted: "crash" },
] as const;

for (const { code, cause, evicted } of ends) {
  test(`exit code ${code} that nobody asked for or announced is '${cause}'`, async ({ expect }) => {
    const rig = new Rig();
    await rig.begin();
    await rig.happens(() => rig.machine.exit(code));
    await rig.advance(JUDGED_MS);
    const view = await rig.view();
    expect(view).toMatchObject({ status: "evicted", evicted, exit: { code, cause, by: "monitor" } });
    expect(view.harnessShutdown).toBeUndefined();
  });
}

test("exit code 0 that the harness announced is its own shutdown and no eviction", async ({ expect }) => {
  const rig = new Rig();
  const job = await rig.begin();
  const note = { seq: 1, at: 1, kind: "note", code: "shutting-down", text: "told to" } as const;
  await rig.beat(job, { events: [note] });
  await rig.evict();
  await rig.happens(() => rig.machine.exit(0));
  await rig.advance(JUDGED_MS);
  const view = await rig.view();
  expect(view).toMatchObject({
    status: "failed",
    harnessShutdown: true,
    outcome: { code: "harness-shutdown" },
  });
  expect(view.evicted).toBeUndefined();
  expect(view.error).not.toContain("(container evicted or crashed)");
});

test("a container that is gone without a code is vanished, and no code is invented", async ({ expect }) => {
  const rig = new Rig();
  await rig.begin();
  await rig.happens(() => rig.machine.vanish());
  expect(await rig.view()).toMatchObject({ status: "running", exit: { code: null, cause: "vanished" } });
  await rig.advance(JUDGED_MS);
  expect(await rig.view()).toMatchObject({ status: "evicted", evicted: "transient", exit: { code: null } });
});

test("invariant 3: a monitor lost while the container lives is no death and no second start", async ({
  expect,
}) => {
  const rig = new Rig();
  const job = await rig.begin();
  await rig.beat(job, { events: [makeOutput(1)] });
  const before = rig.machine.calls.length;
  await rig.losesSight();
  expect(rig.world.incarnations).toBe(2);
  expect((await rig.view()).status).toBe("running");
  const again = ["keepAlive 900000", `routeBeats ${job.envelope.instance}`];
  expect(rig.machine.calls.slice(before)).toEqual(again);
  expect(replyOf(await rig.beat(job, { events: [makeOutput(2)], terminal: done })).ack).toBe(2);
  expect(await rig.view()).toMatchObject({ status: "done", result: done.result, attempt: 1, exit: null });
  expect(rig.machine.started).toHaveLength(1);
  expect((await rig.events()).map(({ kind }) => kind)).not.toContain("instance-exited");
});

test("a container outlives as many incarnations of its object as there are", async ({ expect }) => {
  const rig = new Rig();
  await rig.begin();
  // The platform takes a container along with an incarnation that set no keep-alive.
  for (let incarnation = 2; incarnation < 6; incarnation += 1) await rig.crash();
  expect(rig.world.incarnations).toBe(5);
  expect(rig.machine.alive).not.toBeNull();
  expect(await rig.view()).toMatchObject({ status: "running", exit: null });
});

test("the end of a container whose monitor was lost before is seen with its code", async ({ expect }) => {
  const rig = new Rig();
  await rig.begin();
  await rig.losesSight();
  await rig.happens(() => rig.machine.exit(7));
  await rig.advance(JUDGED_MS);
  expect(await rig.view()).toMatchObject({ status: "evicted", exit: { code: 7 } });
});

test("a platform that cannot say whether the container lives is asked afresh by the next incarnation", async ({
  expect,
}) => {
  const rig = new Rig();
  await rig.begin();
  rig.machine.blind = true;
  await rig.losesSight();
  expect((await rig.view()).status).toBe("running");
  expect(rig.machine.started).toHaveLength(1);
});

test("an instance that was written and not started is closed after a reset, and another is started once", async ({
  expect,
}) => {
  const rig = new Rig();
  rig.machine.interrupts.set("routeBeats", () => new Promise(() => undefined));
  await rig.dispatch();
  expect(rig.machine.started).toHaveLength(0);
  const written = (await rig.view()).container?.instance;
  rig.machine.interrupts.clear();
  await rig.crash();
  expect(rig.machine.started).toHaveLength(1);
  const { envelope } = rig.given(`${rig.executionId}-coder`);
  expect(envelope.instance).not.toBe(written);
  expect(await rig.view()).toMatchObject({ status: "running", attempt: 1 });
  const exited = (await rig.events()).filter(({ kind }) => kind === "instance-exited");
  expect(exited).toMatchObject([{ cause: "never-started", instance: written }]);
});

test("an object reset in the middle of a start goes on with the container it finds", async ({ expect }) => {
  const rig = new Rig();
  rig.machine.harnessScript.listening = false;
  await rig.dispatch();
  await rig.crash();
  rig.machine.harnessScript.listening = true;
  await rig.advance(1_000);
  expect(await rig.view()).toMatchObject({ status: "running", attempt: 1 });
  expect(rig.machine.started).toHaveLength(1);
});

test("an object reset while the job is being handed over hands it over, once the harness answers", async ({
  expect,
}) => {
  const rig = new Rig();
  rig.machine.harnessScript.answer = ({ method }) =>
    method === "POST" ? new Promise(() => undefined) : null;
  await rig.dispatch();
  expect((await rig.view()).status).toBe("starting");
  rig.machine.harnessScript.answer = null;
  await rig.crash();
  expect(await rig.view()).toMatchObject({ status: "running", attempt: 1 });
  expect(rig.machine.started).toHaveLength(1);
});

test("a running container that calls itself otherwise is destroyed, and its job reported", async ({
  expect,
}) => {
  const rig = new Rig();
  await rig.begin();
  rig.machine.harnessScript.answer = ({ path }) =>
    path === "/health"
      ? Response.json({ status: "ok", boot: "boot-00009999", instance: "fresh-00009999" })
      : null;
  await rig.evict();
  expect(await rig.view()).toMatchObject({ status: "evicted", evicted: "transient" });
  expect(rig.machine.alive).toBeNull();
});

test("a container that runs for an execution that knows nothing of it is destroyed", async ({ expect }) => {
  const rig = new Rig();
  rig.machine.create({ image: "harness", size: "lite", env: { HARNESS_INSTANCE: "fresh-00009999" } });
  rig.machine.keepAlive();
  await rig.wake();
  expect(rig.machine.alive).toBeNull();
  expect(await rig.dump()).toEqual({});
});

test("invariant 9: after the last job no container outlives idle and a tick", async ({ expect }) => {
  const rig = new Rig();
  const job = await rig.begin();
  await rig.beat(job, { terminal: done });
  await rig.advance(PolicyDefaults.idleMs - 1);
  expect(rig.machine.alive).not.toBeNull();
  await rig.evict();
  await rig.advance(1 + 30_000);
  expect(rig.machine.alive).toBeNull();
  expect((await rig.view()).container).toMatchObject({ running: false });
});

test("invariant 1: whatever comes after it, the end of a job stays as it was", async ({ expect }) => {
  const rig = new Rig();
  const job = await rig.begin();
  await rig.beat(job, { terminal: { state: "failed", error: "the tests are red", failureCause: "agent" } });
  const end = (await rig.dump())["job"]?.map(({ state }) => JSON.parse(String(state)).end);
  await rig.object.cancel({ jobId: job.jobId, reason: "too late", waitMs: 0 });
  await rig.beat(job, { terminal: done });
  await rig.happens(() => rig.machine.exit(137));
  await rig.evict();
  await rig.advance(10 * 60_000);
  await rig.object.release({ id: rig.executionId, reason: "done with it", waitMs: 0 });
  expect((await rig.dump())["job"]?.map(({ state }) => JSON.parse(String(state)).end)).toEqual(end);
  expect((await rig.events()).filter(({ kind }) => kind === "terminal")).toHaveLength(1);
});

test("a monitor that is lost again and again does not make the object begin anew without end", async ({
  expect,
}) => {
  const rig = new Rig();
  await rig.begin();
  rig.machine.flaky = true;
  const before = rig.world.incarnations;
  await rig.happens(() => rig.machine.loseMonitor());
  await rig.advance(10_000);
  expect(rig.world.incarnations - before).toBeLessThan(20);
  rig.machine.flaky = false;
  await rig.advance(60_000);
  expect((await rig.view()).status).toBe("running");
  expect(rig.machine.started).toHaveLength(1);
});

test("invariant 7: a container that died is recorded within a tick where its monitor says nothing", async ({
  expect,
}) => {
  const rig = new Rig();
  await rig.begin();
  rig.machine.mute = true;
  await rig.happens(() => rig.machine.exit(1));
  expect((await rig.view()).exit).toBeNull();
  await rig.advance(30_000);
  expect((await rig.view()).exit).toMatchObject({ code: null, cause: "vanished" });
});

test("a container lost from sight twice within moments is looked after again once the pause is over", async ({
  expect,
}) => {
  const rig = new Rig();
  await rig.begin();
  await rig.losesSight();
  await rig.advance(10_000);
  await rig.happens(() => rig.machine.loseMonitor());
  const before = rig.machine.calls.length;
  await rig.advance(61_000);
  expect(rig.machine.calls.slice(before)).toContain("keepAlive 900000");
  await rig.happens(() => rig.machine.exit(7));
  await rig.advance(5_000);
  expect(await rig.view()).toMatchObject({ status: "evicted", exit: { code: 7 } });
  expect(rig.machine.started).toHaveLength(1);
});
