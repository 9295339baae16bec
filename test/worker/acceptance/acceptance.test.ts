// What a drop-in for the original's clients must do, by the numbers of the list it was derived from.
import { reset } from "cloudflare:test";
import { afterEach, test } from "vitest";
import type { HarnessEvent } from "../../../shared/events.ts";
import { makeOutput } from "../execution/harness-events.ts";
import { Door } from "./door.ts";

afterEach(reset);

const SILENCE_MS = 45_000;
const JUDGED_MS = 5_000;

const note = (seq: number, code: string): HarnessEvent => ({ seq, at: 1, kind: "note", code, text: code });
const tool = (seq: number): HarnessEvent => ({
  seq,
  at: 1,
  kind: "tool-end",
  tool: "bash",
  callId: `c${seq}`,
  ok: true,
  durationMs: 5,
});
const question = (seq: number): HarnessEvent => ({
  seq,
  at: 1,
  kind: "follow-up",
  followUp: { kind: "question", title: "Which?", detail: "this or that" },
});

/** The container ends with this code, and the end is judged. */
async function end(door: Door, code: number): Promise<void> {
  await door.rig.happens(() => door.rig.machine.exit(code));
  await door.rig.advance(JUDGED_MS);
}

test("1: posted twice at once, one container is started, and both posts are answered 202", async ({
  expect,
}) => {
  const door = new Door();
  const answers = await Promise.all([door.post(), door.post()]);
  expect(answers.map(({ status }) => status)).toEqual([202, 202]);
  expect(door.rig.machine.started).toHaveLength(1);
});

test("2: without capacity a post is answered all the same; the job is queued and starts when there is room", async ({
  expect,
}) => {
  const door = new Door();
  door.rig.machine.refusal = "there is no container instance that can be provided to this durable object";
  expect((await door.post()).status).toBe(202);
  expect(await door.poll()).toMatchObject({ state: "running", status: "queued" });
  door.rig.machine.refusal = null;
  await door.rig.advance(5_000);
  expect(await door.poll()).toMatchObject({ status: "running", attempt: 1 });
});

test("3: a known job is never 404: not while its container boots, not in a redeploy, not after a death", async ({
  expect,
}) => {
  const door = new Door();
  door.rig.machine.harnessScript.listening = false;
  await door.post();
  expect((await door.poll()).state).toBe("running");
  await door.rig.crash();
  expect((await door.poll()).state).toBe("running");
  door.rig.machine.harnessScript.listening = true;
  await door.rig.advance(1_000);
  await door.rig.happens(() => door.rig.machine.exit(137));
  expect((await door.poll()).state).toBe("running");
  await door.rig.advance(JUDGED_MS);
  expect((await door.poll()).state).toBe("running");
});

test("4: a killed container is healed once, and then reported as a crash with the last lines of its log", async ({
  expect,
}) => {
  const door = new Door();
  await door.begin();
  await end(door, 137);
  expect(await door.poll()).toMatchObject({ state: "running", attempt: 2, recoveries: [{ attempt: 1 }] });
  await door.rig.beat(door.given, { events: [makeOutput(1, "allocating the last gigabyte")] });
  await end(door, 137);
  const view = await door.poll();
  expect(view).toMatchObject({ state: "failed", evicted: "crash", exit: { code: 137, cause: "oom" } });
  expect(view.error).toMatch(/\(container evicted or crashed\)$/);
  expect(view.logTail).toContain("allocating the last gigabyte");
  expect(door.rig.machine.started).toHaveLength(2);
});

test("5: a drained container is a transient loss, by field and by wording", async ({ expect }) => {
  const door = new Door();
  await door.begin();
  for (let attempt = 1; attempt <= 2; attempt += 1) {
    await door.rig.beat(door.given, { events: [note(1, "drained")] });
    await end(door, 143);
  }
  const view = await door.poll();
  expect(view).toMatchObject({ state: "failed", evicted: "transient" });
  expect(view.error).toMatch(/\(container evicted or crashed\): transient infrastructure eviction$/);
});

test("6: an announced exit 0 is the harness's own shutdown, and a loss nobody saw never is", async ({
  expect,
}) => {
  const announced = new Door();
  await announced.begin();
  await announced.rig.beat(announced.given, { events: [note(1, "shutting-down")] });
  await end(announced, 0);
  const view = await announced.poll();
  expect(view).toMatchObject({ state: "failed", harnessShutdown: true });
  expect(view.error).not.toMatch(/evicted or crashed|transient infrastructure/);

  const unseen = new Door();
  await unseen.begin();
  for (let attempt = 1; attempt <= 2; attempt += 1) {
    await unseen.rig.endedUnseen(() => unseen.rig.machine.exit(0));
    await unseen.rig.advance(JUDGED_MS);
  }
  const lost = await unseen.poll();
  expect(lost).toMatchObject({ state: "failed", evicted: "transient", exit: { code: null } });
  expect(lost.harnessShutdown).toBeUndefined();
});

test("7: a result that was pushed is read an hour after its container and its object are gone", async ({
  expect,
}) => {
  const door = new Door();
  const job = await door.begin();
  await door.rig.beat(job, { terminal: { state: "done", result: { pushed: true, branch: "cat/1" } } });
  await door.rig.advance(60_000);
  expect(door.rig.machine.alive).toBeNull();
  await door.rig.evict();
  await door.rig.advance(3_600_000);
  expect(await door.poll()).toMatchObject({ state: "done", result: { pushed: true, branch: "cat/1" } });
});

test("8: a lost answer to a poll costs no span and doubles no follow-up", async ({ expect }) => {
  const door = new Door();
  const job = await door.begin();
  await door.rig.beat(job, { events: [tool(1), question(2)] });
  const lost = await door.poll();
  const again = await door.poll();
  expect(again.spans).toEqual(lost.spans);
  expect([lost.followUps?.length, again.followUps]).toEqual([1, undefined]);
});

test("9: a harness whose event loop is blocked is lost at its deadline, whatever it cannot say", async ({
  expect,
}) => {
  const door = new Door();
  await door.begin();
  door.rig.machine.harnessScript.answer = () => new Promise(() => undefined);
  await door.rig.advance(SILENCE_MS + 20_000);
  expect(await door.poll()).toMatchObject({ recoveries: [{ attempt: 1, evicted: "transient" }] });
});

test("10: a stop always ends without a container, no poll brings the job back, and a later post starts afresh", async ({
  expect,
}) => {
  const stages = {
    boot: async (door: Door) => {
      door.rig.machine.harnessScript.listening = false;
      await door.post();
    },
    run: async (door: Door) => void (await door.begin()),
    recovery: async (door: Door) => {
      await door.begin();
      door.rig.machine.undestroyable = true;
      door.rig.machine.harnessScript.listening = false;
      await door.rig.advance(SILENCE_MS + 6_000);
      expect((await door.poll()).status).toBe("recovering");
      door.rig.machine.undestroyable = false;
    },
    "after the end": async (door: Door) => {
      const job = await door.begin();
      await door.rig.beat(job, { terminal: { state: "done", result: {} } });
    },
  };
  for (const [stage, reach] of Object.entries(stages)) {
    const door = new Door();
    await reach(door);
    expect((await door.stop(door.rig.executionId)).status, stage).toBe(200);
    expect(door.rig.machine.alive, stage).toBeNull();
    const starts = door.rig.machine.started.length;
    await door.rig.advance(120_000);
    await door.poll();
    expect(door.rig.machine.started, stage).toHaveLength(starts);
    door.rig.machine.harnessScript.listening = true;
    await door.post();
    await door.rig.advance(1_000);
    expect(await door.poll(), stage).toMatchObject({ status: "running", round: 2 });
    expect(door.rig.machine.started, stage).toHaveLength(starts + 1);
  }
});

test("11: a stop of an id never seen, of an execution, and a repeated one are all answered 200", async ({
  expect,
}) => {
  const door = new Door();
  await door.begin();
  const ids = ["exec_nobody-coder", "exec_nobody", door.jobId, door.jobId, door.rig.executionId];
  for (const id of ids) expect((await door.stop(id)).status, id).toBe(200);
  expect((await door.send("/jobs/exec_nobody-coder")).status).toBe(404);
});

test("12: an eviction that was delivered is followed by a new round; an end nobody read is attached to again", async ({
  expect,
}) => {
  const evicted = new Door();
  await evicted.begin();
  await end(evicted, 143);
  await end(evicted, 143);
  expect((await evicted.poll()).evicted).toBe("transient");
  await evicted.post();
  expect(await evicted.poll()).toMatchObject({ state: "running", round: 2, attempt: 3 });

  const unread = new Door();
  const job = await unread.begin();
  await unread.rig.beat(job, { terminal: { state: "done", result: { summary: "done once" } } });
  await unread.post();
  expect(await unread.poll()).toMatchObject({ state: "done", round: 1, result: { summary: "done once" } });
});

test("13: a view is always smaller than what clients accept", async ({ expect }) => {
  const door = new Door();
  const job = await door.begin();
  for (let seq = 1; seq <= 1_500; seq += 500) {
    const events = Array.from({ length: 500 }, (_, index) => tool(seq + index));
    await door.rig.beat(job, { events });
    await door.rig.advance(1_000);
  }
  const summary = "x".repeat(400_000);
  await door.rig.beat(job, { terminal: { state: "done", result: { summary } } });
  for (let poll = 0; poll < 6; poll += 1) {
    const response = await door.send(`/jobs/${door.jobId}`);
    expect((await response.arrayBuffer()).byteLength).toBeLessThan(200_000);
    await door.rig.advance(2_000);
  }
});

test("16: without the right bearer nothing is answered; with it the base address is", async ({ expect }) => {
  const door = new Door();
  expect((await door.send("/", { token: null })).status).toBe(401);
  expect((await door.send("/", { token: "wrong" })).status).toBe(401);
  expect((await door.send("/")).status).toBe(200);
});

test("17: no secret of the job is in what is stored, served or logged", async ({ expect }) => {
  const secret = "planted8Kq2Lm4Np6Rt";
  const door = new Door();
  const job = await door.begin({ ghToken: secret });
  await door.rig.beat(job, { events: [makeOutput(1, `cloning with ${secret}`), note(2, "said")] });
  await door.rig.beat(job, {
    terminal: { state: "failed", error: `remote said no to ${secret}`, failureCause: "git" },
  });
  const events = await door.send(`/v1/executions/${door.rig.executionId}/events`);
  const served = JSON.stringify([await door.poll(), await events.json()]);
  for (const text of [JSON.stringify(await door.rig.dump()), served, door.logged]) {
    expect(text).not.toContain(secret);
  }
});

test("18: two drivers that poll at once see the same end", async ({ expect }) => {
  const door = new Door();
  const job = await door.begin();
  await door.rig.beat(job, { terminal: { state: "done", result: { summary: "one end" } } });
  const ends = await Promise.all(Array.from({ length: 4 }, () => door.poll()));
  for (const view of ends) expect(view).toMatchObject({ state: "done", result: { summary: "one end" } });
});

test("20: unknown fields of a body reach the harness as they came", async ({ expect }) => {
  const unknown = {
    tomorrow: { deep: [1, 2.5, "ä", null, true], nested: { 0: "zero" } },
    big: 9_007_199_254_740_991,
  };
  const door = new Door();
  const { body } = await door.begin(unknown);
  expect(body).toMatchObject(unknown);
});
