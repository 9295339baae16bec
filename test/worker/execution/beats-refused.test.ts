import { reset } from "cloudflare:test";
import { afterEach, test } from "vitest";
import type { Beat } from "../../../shared/beat.ts";
import { Limits } from "../../../shared/limits.ts";
import { PolicyDefaults } from "../../../shared/policy.ts";
import { makeOutput } from "./harness-events.ts";
import { Rig, replyOf } from "./rig.ts";

afterEach(reset);

test("invariant 5: a beat that names another instance, attempt or boot is refused and changes nothing", async ({
  expect,
}) => {
  const rig = new Rig();
  const job = await rig.begin();
  const before = await rig.everything();
  const events = [makeOutput(1)];
  const stranger = { ...job, envelope: { ...job.envelope, instance: "fresh-00009999" } };
  expect(await rig.beat(stranger, { events })).toMatchObject({ ok: false });
  expect(await rig.beat(job, { events, attempt: 2 })).toMatchObject({ ok: false });
  expect(await rig.beat(job, { events, boot: "boot-00009999" })).toMatchObject({
    ok: false,
    code: "stale-attempt",
  });
  const misled = {
    instance: "fresh-00009999",
    key: job.envelope.beatKey,
    beat: JSON.stringify(rig.makeBeat(job)),
  };
  expect(await rig.object.beat(misled)).toMatchObject({ ok: false, code: "stale-attempt" });
  expect(await rig.beat({ ...job, jobId: "another" }, { events })).toMatchObject({
    ok: false,
    code: "stale-attempt",
  });
  expect(await rig.everything()).toEqual(before);
});

test("invariant 5: the harness of a container that was replaced is refused and changes nothing", async ({
  expect,
}) => {
  const rig = new Rig();
  const job = await rig.begin();
  await rig.beat(job, { events: [makeOutput(1)], terminal: { state: "done", result: {} } });
  await rig.advance(PolicyDefaults.idleMs);
  await rig.object.take(job.jobId);
  await rig.dispatch();
  const next = rig.given(job.jobId);
  expect(next.envelope).toMatchObject({ attempt: 2, round: 2 });
  expect(next.envelope.instance).not.toBe(job.envelope.instance);
  const before = await rig.everything();
  const late: Partial<Beat> = { events: [makeOutput(2)], terminal: { state: "failed", error: "late" } };
  expect(await rig.beat(job, late)).toMatchObject({ ok: false, code: "stale-attempt" });
  expect(await rig.everything()).toEqual(before);
  await rig.evict();
  const after = await rig.everything();
  expect(await rig.beat(job, late)).toMatchObject({ ok: false, code: "stale-attempt" });
  expect(await rig.everything()).toEqual(after);
});

test("without the key of its attempt a beat is refused as not the harness's, and changes nothing", async ({
  expect,
}) => {
  const rig = new Rig();
  const job = await rig.begin();
  const before = await rig.everything();
  const forged: Partial<Beat> = {
    events: [makeOutput(1)],
    terminal: { state: "done", result: { pushed: true } },
  };
  for (const key of ["", "guess", `${job.envelope.beatKey}x`, rig.given(job.jobId).secret ?? ""]) {
    expect(await rig.beat(job, forged, key)).toMatchObject({ ok: false, code: "invalid-beat-key" });
  }
  expect(await rig.everything()).toEqual(before);
});

test("a beat of an attempt that has ended is answered with its cursor and changes nothing", async ({
  expect,
}) => {
  const rig = new Rig();
  const job = await rig.begin();
  const last: Partial<Beat> = { events: [makeOutput(1)], terminal: { state: "done", result: {} } };
  expect(replyOf(await rig.beat(job, last))).toMatchObject({ ack: 1, directives: [] });
  const before = await rig.everything();
  expect(replyOf(await rig.beat(job, { ...last, events: [makeOutput(1), makeOutput(2)] })).ack).toBe(1);
  expect(await rig.everything()).toEqual(before);
  await rig.evict();
  const after = await rig.everything();
  expect(
    replyOf(await rig.beat(job, { terminal: { state: "failed", error: "on second thoughts" } })).ack,
  ).toBe(1);
  expect(await rig.everything()).toEqual(after);
  expect((await rig.view()).status).toBe("done");
});

test("what comes without the key of the attempt at work is not even read beyond a rate, and takes nothing of the harness's", async ({
  expect,
}) => {
  const rig = new Rig();
  const job = await rig.begin();
  const { instance, beatKey } = job.envelope;
  const before = await rig.everything();
  const codes: string[] = [];
  for (let count = 0; count < Limits.beatsPerSecond * 3; count += 1) {
    const answer = await rig.object.beat({ instance, key: "guess", beat: "no beat" });
    codes.push(answer.ok ? "taken" : answer.code);
  }
  expect(codes.slice(0, Limits.beatsPerSecond * 2)).toEqual(
    codes.slice(0, Limits.beatsPerSecond * 2).map(() => "invalid-beat"),
  );
  expect(new Set(codes.slice(Limits.beatsPerSecond * 2))).toEqual(new Set(["rate-limited"]));
  expect(await rig.everything()).toEqual(before);
  expect(replyOf(await rig.beat(job, { events: [makeOutput(1)] }, beatKey)).ack).toBe(1);
});

test("beats beyond the rate are refused and change nothing, until time has passed", async ({ expect }) => {
  const rig = new Rig();
  const job = await rig.begin();
  const burst = Limits.beatsPerSecond * 2;
  for (let seq = 1; seq <= burst; seq += 1) {
    const beat = JSON.stringify(rig.makeBeat(job, { events: [makeOutput(seq)] }));
    const answer = await rig.object.beat({
      instance: job.envelope.instance,
      key: job.envelope.beatKey,
      beat,
    });
    expect(replyOf(answer).ack).toBe(seq);
  }
  const before = await rig.everything();
  const next = { events: [makeOutput(burst + 1)] };
  expect(await rig.beat(job, next)).toMatchObject({ ok: false, code: "rate-limited" });
  expect(await rig.everything()).toEqual(before);
  await rig.advance(50);
  expect(replyOf(await rig.beat(job, next)).ack).toBe(burst + 1);
});

test("a beat that is no beat is refused as such and changes nothing", async ({ expect }) => {
  const rig = new Rig();
  const job = await rig.begin();
  const before = await rig.everything();
  const { instance, beatKey: key } = job.envelope;
  const well = rig.makeBeat(job);
  const bodies = [
    "",
    "{",
    "null",
    "[]",
    JSON.stringify({ ...well, v: 99 }),
    JSON.stringify({ ...well, attempt: 0 }),
    JSON.stringify({ ...well, events: [{ seq: 1, at: 1, kind: "unheard-of" }] }),
    JSON.stringify({
      ...well,
      events: Array.from({ length: Limits.beatEvents + 1 }, (_, index) => makeOutput(index + 1)),
    }),
    JSON.stringify({ ...well, events: [makeOutput(1, "x".repeat(Limits.eventTextChars + 1))] }),
  ];
  for (const beat of bodies) {
    const answer = await rig.object.beat({ instance, key, beat });
    expect(answer, beat.slice(0, 60)).toMatchObject({ ok: false, code: "invalid-beat" });
  }
  expect(await rig.everything()).toEqual(before);
});

test("beats with a wrong key use up nothing of the rate of those with the right one", async ({ expect }) => {
  const rig = new Rig();
  const job = await rig.begin();
  const { instance, beatKey } = job.envelope;
  const beat = JSON.stringify(rig.makeBeat(job, { terminal: { state: "done", result: {} } }));
  for (let tried = 0; tried < Limits.beatsPerSecond * 3; tried += 1) {
    expect((await rig.object.beat({ instance, key: "guess", beat })).ok).toBe(false);
  }
  expect(await rig.object.beat({ instance, key: beatKey, beat })).toMatchObject({ ok: true });
  expect((await rig.view()).status).toBe("done");
});

test("a beat without an end that is larger than one may be is refused, and one with an end is taken", async ({
  expect,
}) => {
  const rig = new Rig();
  const job = await rig.begin();
  const before = await rig.everything();
  const extra = "x".repeat(Limits.beatBytes);
  expect(await rig.beat(job, { extra })).toMatchObject({ ok: false, code: "body-too-large" });
  expect(await rig.everything()).toEqual(before);
  expect(await rig.beat(job, { extra, terminal: { state: "done", result: {} } })).toMatchObject({ ok: true });
});
