// Cancel and release of a job at work: each step leaves its evidence, nothing of the agent lives on, nothing is pushed late.
import { afterAll, beforeAll, test } from "vitest";
import { fixFailingTest } from "../../local/model/fix-failing-test.ts";
import { runInTurn } from "../../local/model/script.ts";
import { DispatchAnswer, JobView, StopAnswer } from "../../shared/job-view.ts";
import { type Gate, makeGate } from "./gate.ts";
import { findEvent, seqsOf, upTo } from "./log.ts";
import { findProcesses } from "./processes.ts";
import { recorded } from "./recorded.ts";
import { type JobBody, openWorld, type World } from "./world.ts";

let world: World;
const gates: Gate[] = [];
beforeAll(async () => {
  world = await openWorld();
});
afterAll(async () => {
  for (const gate of gates) await gate.close();
  await world.close();
});

const stubborn = new URL("fixtures/stubborn.mjs", import.meta.url).pathname;
const commit = "echo work > work.txt && git add work.txt && git commit -qm work && git rev-parse HEAD";

test("invariant 16: a cancel in the middle of a tool call ends in proof, and nothing of the agent lives on", async ({
  expect,
}) => {
  const marker = "holt-e2e-cancelled";
  const gate = await newGate();
  const agent = recorded(runInTurn([commit, `node ${stubborn} ${marker} ${gate.url} & wait`], "Never said."));
  const body = world.job("exec_cancel", agent.script);
  const pushedAt = timesOfPushes("holt/exec_cancel");
  await world.dispatch(body);
  await gate.arrived;
  expect(await findProcesses(marker)).toHaveLength(2);

  expect(await world.cancel(body.jobId, "not wanted any more")).toMatchObject({ status: "cancelled" });
  expect(await findProcesses(marker)).toEqual([]);

  const view = await world.view(body.jobId);
  expect(view).toMatchObject({
    state: "failed",
    status: "cancelled",
    error: "cancelled: not wanted any more",
    attempt: 1,
    result: { pushed: true, branch: "holt/exec_cancel" },
    exit: { code: 143, cause: "self-stopped" },
    container: { running: false },
    outcome: { code: "cancelled" },
  });
  expect(view).not.toHaveProperty("evicted");
  expect(codesOf(view)).toEqual([
    "stop-requested",
    "stop-delivered",
    "harness-ended",
    "sigterm",
    "signal-15-sent",
    "dead",
  ]);

  const events = await world.events(body.jobId);
  expect(pushedAt).toHaveLength(1);
  expect(pushedAt[0]).toBeLessThanOrEqual(findEvent(events, "note", "signal-15-sent")?.at ?? 0);
  expect(await headOf("holt/exec_cancel")).toBe(agent.results.get(commit)?.trim());
  const seqs = seqsOf(events, body.jobId);
  expect(seqs).toEqual(upTo(seqs.length));
  expect(await world.containersOf(body.jobId)).toMatchObject([{ exitCode: 143 }]);
});

test("a push that is under way when SIGTERM comes does not land", async ({ expect }) => {
  const gate = await newGate();
  const hold = world.standIns.git.hold("push");
  const body = world.job("exec_heldpush", runInTurn([commit, gate.command], "Never said."));
  // A checkpoint leaves every 600 ms.
  await world.dispatch(body, { scale: 0.01, stopGraceMs: 300 });
  await hold.held;

  expect(await world.cancel(body.jobId)).toMatchObject({ status: "cancelled" });
  hold.release();

  const view = await world.view(body.jobId);
  expect(view).toMatchObject({
    status: "cancelled",
    exit: { cause: "self-stopped" },
    container: { running: false },
    outcome: { code: "cancelled" },
  });
  expect(codesOf(view)).toEqual(
    expect.arrayContaining(["stop-requested", "stop-delivered", "sigterm", "signal-15-sent"]),
  );
  // It is the harness that gives the push up, and no destroy that ends it.
  const late = view.outcome?.evidence.filter(({ code }) => code === "destroy").map(({ text }) => text);
  expect(late?.join()).not.toMatch(/no end within/);
  expect(await headOf("holt/exec_heldpush")).toBeUndefined();
});

test("a harness that answers nothing any more is destroyed, and its agent with it", async ({ expect }) => {
  const marker = "holt-e2e-frozen";
  const gate = await newGate();
  const body = world.job(
    "exec_frozen",
    runInTurn([`node ${stubborn} ${marker} ${gate.url} & wait`], "Never said."),
  );
  await world.dispatch(body, { stopGraceMs: 300, killGraceMs: 300 });
  await gate.arrived;
  const [container] = await world.containersOf(body.jobId);
  process.kill(container?.pid ?? 0, "SIGSTOP");

  expect(await world.cancel(body.jobId)).toMatchObject({ status: "cancelled" });
  expect(await findProcesses(marker)).toEqual([]);
  const view = await world.view(body.jobId);
  expect(view).toMatchObject({ exit: { code: 137, cause: "self-stopped" }, container: { running: false } });
  const steps = codesOf(view).filter((code) => code !== "stop-not-delivered");
  const stages = ["stop-requested", "sigterm", "signal-15-sent", "destroy", "destroy-requested", "dead"];
  expect(steps).toEqual(stages);
});

test("a release by the bare execution id destroys the container, and a later dispatch begins afresh", async ({
  expect,
}) => {
  const marker = "holt-e2e-released";
  const gate = await newGate();
  const body = world.job(
    "exec_release",
    runInTurn([commit, `node ${stubborn} ${marker} ${gate.url} & wait`], "Never said."),
  );
  expect(await dispatchAtJobs(body)).toMatchObject({ state: "running", round: 1 });
  await gate.arrived;

  const released = await world.fetch("/jobs/exec_release", { method: "DELETE" });
  expect(released.status).toBe(200);
  expect(StopAnswer.parse(await released.json())).toEqual({
    jobId: "exec_release",
    state: "done",
    status: "done",
  });
  expect(await findProcesses(marker)).toEqual([]);
  expect(await world.containersOf(body.jobId)).toMatchObject([{ exitCode: 143 }]);
  expect(await readAtJobs(body)).toMatchObject({ state: "running", status: "stopping", phase: "stopping" });
  expect(await world.view(body.jobId)).toMatchObject({
    status: "cancelled",
    outcome: { code: "released" },
    container: { running: false },
  });

  world.job("exec_release", fixFailingTest);
  expect(await dispatchAtJobs(body)).toMatchObject({ state: "running", round: 2 });
  const view = await world.ended(body.jobId);
  expect(view).toMatchObject({ state: "done", round: 2, attempt: 2, result: { pushed: true } });
  const containers = await world.containersOf(body.jobId);
  expect(containers).toHaveLength(2);
  expect(containers.at(-1)).toMatchObject({
    state: "running",
    env: { HARNESS_INSTANCE: view.container?.instance },
  });
});

async function newGate(): Promise<Gate> {
  const gate = await makeGate();
  gates.push(gate);
  return gate;
}

/** When pushes to a branch were seen, on this machine's clock, which is the object's too. */
function timesOfPushes(branch: string): readonly number[] {
  const times: number[] = [];
  void world.standIns.git.waitForPush(({ updates }) => {
    if (updates.some(({ ref }) => ref === `refs/heads/${branch}`)) times.push(Date.now());
    return false;
  });
  return times;
}

function headOf(branch: string): Promise<string | undefined> {
  return world.standIns.git.branch("holt", "sample", branch);
}

function codesOf(view: JobView): readonly string[] {
  return view.outcome?.evidence.map(({ code }) => code) ?? [];
}

async function dispatchAtJobs(body: JobBody): Promise<DispatchAnswer> {
  const response = await world.fetch("/jobs", { method: "POST", body: JSON.stringify(body) });
  return DispatchAnswer.parse(await response.json());
}

async function readAtJobs({ jobId }: JobBody): Promise<JobView> {
  return JobView.parse(await (await world.fetch(`/jobs/${jobId}?after=0`)).json());
}
