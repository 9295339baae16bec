import { reset } from "cloudflare:test";
import { afterEach, test } from "vitest";
import { PolicyDefaults } from "../../../shared/policy.ts";
import { createSealer } from "../../../worker/sealing.ts";
import { PLANTED_TOKEN } from "./dispatches.ts";
import { makeOutput, storedSeqs } from "./harness-events.ts";
import { Rig } from "./rig.ts";
import { SEALING_KEY } from "./world.ts";

afterEach(reset);

test("invariant 10: a secret in any text of a beat is gone before the first write", async ({ expect }) => {
  const rig = new Rig();
  const job = await rig.begin();
  const leak = `see ${PLANTED_TOKEN}!`;
  await rig.beat(job, {
    phase: leak,
    progress: { completed: 0, inProgress: 1, total: 1, items: [{ label: leak, status: "doing" }] },
    events: [
      makeOutput(1, leak),
      { seq: 2, at: 1, kind: "tool-start", tool: "bash", callId: "c", argsSummary: leak },
      {
        seq: 3,
        at: 1,
        kind: "tool-end",
        tool: leak,
        callId: "c",
        ok: true,
        durationMs: 5,
        argsSummary: leak,
      },
      { seq: 4, at: 1, kind: "note", code: "n", text: leak },
      { seq: 5, at: 1, kind: "follow-up", followUp: { kind: "question", title: leak, detail: leak } },
      {
        seq: 6,
        at: 1,
        kind: "usage",
        model: leak,
        inputTokens: 1,
        cacheReadTokens: 0,
        cacheWriteTokens: 0,
        outputTokens: 1,
      },
      { seq: 7, at: 1, kind: "gap", count: 1, reason: leak },
      { ...makeOutput(8), extra: { [leak]: [leak] } },
    ],
  });
  expect(await storedSeqs(rig)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  await rig.evict();
  const result = { summary: leak, prUrl: leak, custom: { deep: [leak] }, [leak]: 1 };
  await rig.beat(job, { terminal: { state: "failed", error: leak, detail: leak, result } });
  const stored = JSON.stringify(await rig.dump());
  expect(stored).not.toContain(PLANTED_TOKEN);
  expect(stored).toContain("see ***!");
  const read = await rig.object.take(job.jobId);
  expect(JSON.stringify([read, await rig.events(), rig.world.log])).not.toContain(PLANTED_TOKEN);
  expect((await rig.view()).status).toBe("failed");
});

test("text of beats is dropped and not stored as it came, where no key opens the spec", async ({
  expect,
}) => {
  const rig = new Rig();
  const job = await rig.begin();
  rig.world.sealer = null;
  await rig.evict();
  const before = await rig.dump();
  const answer = await rig.beat(job, { events: [makeOutput(1, PLANTED_TOKEN)] });
  expect(answer.ok).toBe(false);
  expect(await rig.dump()).toEqual(before);
  await rig.advance(PolicyDefaults.silenceMs + 20_000);
  expect(await rig.view()).toMatchObject({
    status: "evicted",
    evicted: "transient",
    outcome: { code: "spec-unreadable" },
  });
});

test("invariant 10: credentials that a later dispatch replaced are still taken out of what the harness says", async ({
  expect,
}) => {
  const rig = new Rig();
  const job = await rig.begin();
  const fresh = "fresh2Bv8Ny4Rt6Qw0";
  await rig.dispatch({ spec: { ghToken: fresh } });
  await rig.beat(job, { events: [makeOutput(1, `old ${PLANTED_TOKEN} new ${fresh}`)] });
  await rig.evict();
  await rig.beat(job, { events: [makeOutput(2, `old ${PLANTED_TOKEN} new ${fresh}`)] });
  expect(await storedSeqs(rig)).toEqual([1, 2]);
  const stored = JSON.stringify(await rig.dump());
  expect(stored).not.toContain(fresh);
  expect(stored).not.toContain(PLANTED_TOKEN);
});

test("invariant 10: an end that was fetched is redacted before it is stored, like one that was sent", async ({
  expect,
}) => {
  const rig = new Rig();
  const job = await rig.begin();
  const { boot, instance } = rig.machine.harness;
  const leak = `leaks ${PLANTED_TOKEN}`;
  const end = { id: job.jobId, state: "failed", startedAt: 1, heartbeatAt: 1, phase: leak, attempt: 1 };
  rig.machine.harnessScript.answer = ({ method }) =>
    method === "GET"
      ? Response.json({ ...end, boot, instance, error: leak, detail: leak, result: { summary: leak } })
      : null;
  await rig.advance(2 * PolicyDefaults.silenceMs);
  expect((await rig.view()).status).toBe("failed");
  const everything = JSON.stringify([await rig.dump(), await rig.view(), await rig.events(), rig.world.log]);
  expect(everything).not.toContain(PLANTED_TOKEN);
});

test("invariant 10: the words of a refusal are redacted before they are stored", async ({ expect }) => {
  const rig = new Rig();
  rig.machine.harnessScript.answer = ({ method }) =>
    method === "POST" ? Response.json({ error: `no such token: ${PLANTED_TOKEN}` }, { status: 422 }) : null;
  await rig.dispatch();
  expect((await rig.view()).error).toBe("no such token: ***");
  expect(JSON.stringify(await rig.dump())).not.toContain(PLANTED_TOKEN);
});

test("invariant 10: a caller who puts a credential where none belongs finds it nowhere again", async ({
  expect,
}) => {
  const rig = new Rig();
  const answer = await rig.dispatch({
    labels: { title: `for ${PLANTED_TOKEN}`, [PLANTED_TOKEN]: "1" },
    warnings: [`'infra.env.${PLANTED_TOKEN}' was dropped: not a string`],
  });
  await rig.dispatch({ jobId: "other", spec: { ghToken: "another4Kp0Zs8Tb2" } });
  const jobId = `${rig.executionId}-coder`;
  const reason = `revoke ${PLANTED_TOKEN} and another4Kp0Zs8Tb2`;
  const cancelled = await rig.object.cancel({ jobId, reason, waitMs: 0 });
  await rig.object.release({ id: rig.executionId, reason, waitMs: 0 });
  await rig.advance(20_000);
  expect((await rig.view()).error).toBe("cancelled: revoke *** and ***");
  const all = [
    answer,
    cancelled,
    await rig.dump(),
    await rig.view(),
    await rig.view("other"),
    await rig.events(),
  ];
  const text = JSON.stringify([...all, rig.world.log]);
  expect(text).not.toContain(PLANTED_TOKEN);
  expect(text).not.toContain("another4Kp0Zs8Tb2");
});

test("the reason of a cancel is held against the secrets of every live job, and no opened body is kept for that", async ({
  expect,
}) => {
  const rig = new Rig();
  await rig.begin({ jobId: "first", door: "native" });
  await rig.dispatch({ jobId: "second", door: "native" });
  const sealer = createSealer(SEALING_KEY);
  const opened: string[] = [];
  rig.world.sealer = {
    ...sealer,
    open: (place, chunks) => {
      opened.push(place.jobId);
      return sealer.open(place, chunks);
    },
  };
  await rig.evict();
  for (let round = 0; round < 2; round += 1)
    await rig.object.cancel({ jobId: "third", reason: "nobody asked for it", waitMs: 0 });
  expect(opened).toEqual(["first", "second", "first", "second"]);
});
