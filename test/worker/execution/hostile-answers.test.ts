import { reset } from "cloudflare:test";
import { afterEach, test } from "vitest";
import { Limits } from "../../../shared/limits.ts";
import { PolicyDefaults } from "../../../shared/policy.ts";
import { Rig } from "./rig.ts";

afterEach(reset);

const { silenceMs } = PolicyDefaults;
const SECOND_QUESTION_MS = 5_000;

/** An answer of any size whose length nobody was told. */
function endless(): Response {
  const chunk = new Uint8Array(64 * 1024).fill(32);
  let sent = 0;
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      sent += 1;
      if (sent > 4_096) controller.close();
      else controller.enqueue(chunk);
    },
  });
  return new Response(body, { headers: { "content-type": "application/json" } });
}

function nested(rig: Rig, jobId: string): Response {
  const { boot, instance } = rig.machine.harness;
  const head = JSON.stringify({
    id: jobId,
    state: "done",
    startedAt: 1,
    heartbeatAt: 1,
    phase: "done",
    boot,
    instance,
  });
  return new Response(`${head.slice(0, -1)},"result":{"deep":${"[".repeat(50_000)}${"]".repeat(50_000)}}}`);
}

const answers: ReadonlyArray<readonly [string, (rig: Rig, jobId: string) => Response]> = [
  ["nested 50,000 deep", nested],
  ["without an end", () => endless()],
  ["that says it is too large", () => new Response("{}", { headers: { "content-length": String(2 ** 40) } })],
  ["with a forbidden key", () => new Response('{"id":"x","state":"done","result":{"__proto__":{"a":1}}}')],
  ["that is no JSON", () => new Response("<html>")],
];

for (const [what, answer] of answers) {
  test(`an answer of the container ${what} is no answer, and the job is judged by the questions`, async ({
    expect,
  }) => {
    const rig = new Rig();
    const { jobId } = await rig.begin();
    rig.machine.harnessScript.answer = ({ method }) => (method === "GET" ? answer(rig, jobId) : null);
    await rig.advance(silenceMs);
    expect((await rig.view()).status).toBe("running");
    await rig.advance(SECOND_QUESTION_MS);
    expect(await rig.view()).toMatchObject({ status: "evicted", exit: { cause: "silence" } });
    expect((await rig.dump())["effect"]).toEqual([]);
  });
}

test("an acceptance that is too large to be one fails the start, not the object", async ({ expect }) => {
  const rig = new Rig();
  rig.machine.harnessScript.answer = ({ method }) => (method === "POST" ? endless() : null);
  await rig.dispatch({ policy: { startingMs: 3_000 } });
  await rig.advance(12_000);
  const view = await rig.view();
  expect(view).toMatchObject({ status: "failed", outcome: { code: "start-failed" } });
  expect(view.error).toContain("larger than");
});

test("whatever a refusal says, no more of it is kept than a reason may have", async ({ expect }) => {
  const rig = new Rig();
  rig.machine.harnessScript.answer = ({ method }) =>
    method === "POST" ? Response.json({ error: "x".repeat(300_000) }, { status: 422 }) : null;
  await rig.dispatch();
  const view = await rig.view();
  expect(view.status).toBe("failed");
  expect(view.error?.length).toBeLessThanOrEqual(Limits.reasonChars);
});

test("a job whose stored spec is broken is reported when its harness speaks", async ({ expect }) => {
  const rig = new Rig();
  const job = await rig.begin();
  await rig.breakSpec();
  await rig.evict();
  await rig.beat(job, { terminal: { state: "done", result: { summary: "for nobody" } } });
  await rig.advance(silenceMs);
  const view = await rig.view();
  expect(view).toMatchObject({
    status: "evicted",
    evicted: "transient",
    outcome: { code: "spec-unreadable" },
  });
  expect(JSON.stringify(await rig.dump())).not.toContain("for nobody");
});
