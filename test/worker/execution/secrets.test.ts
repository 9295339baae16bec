import { reset } from "cloudflare:test";
import { afterEach, test } from "vitest";
import { PolicyDefaults } from "../../../shared/policy.ts";
import { PLANTED_TOKEN } from "./dispatches.ts";
import { makeOutput, storedSeqs } from "./harness-events.ts";
import { Rig } from "./rig.ts";

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
