import { reset } from "cloudflare:test";
import { afterEach, test } from "vitest";
import { PolicyDefaults } from "../../../shared/policy.ts";
import { Rig, replyOf } from "./rig.ts";

afterEach(reset);

test("a job goes from dispatch to done, and nothing of it outlives its retention", async ({ expect }) => {
  const rig = new Rig();
  const job = await rig.begin();
  const { envelope } = job;
  expect(rig.machine.calls).toEqual([
    `routeBeats ${envelope.instance}`,
    `start ${envelope.instance}`,
    "keepAlive 900000",
  ]);
  expect(rig.machine.alive?.options).toEqual({
    image: "harness",
    size: "standard-1",
    env: { HARNESS_INSTANCE: envelope.instance },
  });
  expect((await rig.view()).status).toBe("running");

  const output = { seq: 1, at: rig.now, kind: "output", stream: "agent", text: "looking" } as const;
  expect(replyOf(await rig.beat(job, { events: [output] }))).toEqual({
    ack: 1,
    directives: [],
    nextBeatMs: PolicyDefaults.silenceMs / 4.5,
  });

  const result = { pushed: true, branch: "fix", prUrl: "https://git.example/pulls/1" };
  await rig.beat(job, { terminal: { state: "done", result } });
  const view = await rig.view();
  expect(view.status).toBe("done");
  expect(view.result).toEqual(result);
  const stored = await rig.dump();
  expect(stored["spec"]).toEqual([]);
  const [row] = stored["result"] ?? [];
  expect(row).toMatchObject({ job_id: job.jobId, round: 1 });
  expect(JSON.parse(String(row?.["body"]))).toEqual(result);

  await rig.advance(PolicyDefaults.idleMs);
  expect(rig.machine.alive).toBeNull();
  await rig.advance(PolicyDefaults.retentionMs);
  expect(await rig.dump()).toEqual({});
  expect(await rig.alarmAt()).toBeNull();
});
