// 19: a harness of the original's protocol, which sends no beats, knows no control key and drains what it tells.
import { reset } from "cloudflare:test";
import { afterEach, beforeEach, test } from "vitest";
import type { Asked } from "../execution/model-harness.ts";
import { Door } from "./door.ts";

type OldView = {
  state: "running" | "done" | "failed";
  heartbeatAt: number;
  spans: object[];
  followUps: object[];
  result?: object;
};

let view: OldView;
beforeEach(() => {
  view = { state: "running", heartbeatAt: 10, spans: [], followUps: [] };
});
afterEach(reset);

function answerOf({ method, path }: Asked): Response | null {
  if (path === "/health") return Response.json({ status: "ok" });
  const jobId = path.slice("/jobs/".length);
  if (method === "POST") return Response.json({ jobId: "any", state: "running" }, { status: 202 });
  if (method === "DELETE") return Response.json({ error: "not found" }, { status: 404 });
  const { spans, followUps, ...rest } = view;
  view = { ...view, spans: [], followUps: [] };
  return Response.json({
    id: jobId,
    startedAt: 5,
    phase: "agent",
    ...rest,
    ...(spans.length > 0 && { spans }),
    ...(followUps.length > 0 && { followUps }),
  });
}

async function begun(): Promise<Door> {
  const door = new Door();
  door.rig.machine.harnessScript.answer = answerOf;
  await door.post();
  return door;
}

test("19: it is read instead of heard, and what it drains is stored before it is offered", async ({
  expect,
}) => {
  const door = await begun();
  expect(await door.poll()).toMatchObject({ status: "running", notes: [{ code: "polled" }] });
  view.spans = [{ tool: "bash", startedAt: 1, endedAt: 31, ok: true }];
  view.followUps = [{ kind: "question", title: "Which?", detail: "this or that" }];
  await door.rig.advance(5_000);
  await door.rig.crash();
  const told = await door.poll();
  expect(told).toMatchObject({
    spans: [{ tool: "bash", seq: 1, ok: true }],
    followUps: [{ title: "Which?" }],
  });
  expect((await door.poll()).spans).toHaveLength(1);
});

test("19: its end is stored and outlives it, as does a stop that it cannot be asked for", async ({
  expect,
}) => {
  const ended = await begun();
  view = { ...view, state: "done", result: { summary: "done by an old one" } };
  await ended.rig.advance(5_000);
  await ended.rig.advance(60_000);
  expect(ended.rig.machine.alive).toBeNull();
  expect(await ended.poll()).toMatchObject({
    state: "done",
    result: { summary: "done by an old one" },
    gaps: [],
  });

  view = { ...view, state: "running" };
  const stopped = await begun();
  expect((await stopped.stop(stopped.jobId)).status).toBe(200);
  expect(stopped.rig.machine.alive).toBeNull();
  expect(await stopped.poll()).toMatchObject({ state: "failed", status: "cancelled" });
});

test("19: one that dies is healed and then reported, and one that hangs is lost", async ({ expect }) => {
  const door = await begun();
  for (let attempt = 1; attempt <= 2; attempt += 1) {
    await door.rig.happens(() => door.rig.machine.exit(1));
    await door.rig.advance(5_000);
  }
  expect(await door.poll()).toMatchObject({ state: "failed", evicted: "crash" });

  const hung = await begun();
  hung.rig.machine.harnessScript.answer = () => new Promise(() => undefined);
  await hung.rig.advance(75_000);
  expect(await hung.poll()).toMatchObject({ recoveries: [{ evicted: "transient" }] });
});

test("19: an agent that shows no activity is stopped by the object's own deadline", async ({ expect }) => {
  const door = await begun();
  for (let poll = 1; poll <= 12; poll += 1) {
    view.heartbeatAt += 1;
    await door.rig.advance(60_000);
  }
  expect((await door.poll()).status).toBe("running");
  await door.rig.advance(10 * 60_000 + 30_000);
  expect(await door.poll()).toMatchObject({ state: "failed", failureCause: "inactivity-timeout" });
});
