// Containers that end without having been asked to: recorded with the exit code seen, or with none, and never invented.
import { afterAll, beforeAll, test } from "vitest";
import { runInTurn } from "../../local/model/script.ts";
import type { JobView } from "../../shared/job-view.ts";
import type { PolicyRequest } from "../../shared/policy.ts";
import { type Gate, makeGate } from "./gate.ts";
import { findEvent } from "./log.ts";
import { findProcesses } from "./processes.ts";
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

/** Judges an exit after 250 ms; silence keeps its 45 s, so that it is no part of any verdict here. */
const policy: PolicyRequest = { scale: 0.05, recovery: "report" };
const stubborn = new URL("fixtures/stubborn.mjs", import.meta.url).pathname;
const commit = "echo work > work.txt && git add work.txt && git commit -qm work";

test("invariant 7: kill -9 of the harness is a crash with the exit code that was seen", async ({
  expect,
}) => {
  const marker = "holt-e2e-killed";
  const { body, pid } = await workUntilKilled(
    "exec_killed",
    ({ url }) => `node ${stubborn} ${marker} ${url} & wait`,
  );
  process.kill(pid, "SIGKILL");
  const view = await world.ended(body.jobId);
  expect(await findProcesses(marker)).toEqual([]);
  expect(view).toMatchObject({
    state: "failed",
    status: "evicted",
    evicted: "crash",
    error: expect.stringContaining("(container evicted or crashed)"),
    exit: { code: 137, by: "monitor" },
    outcome: { code: "evicted-crash", retryable: true, blame: "harness" },
    container: { running: false },
  });
  expect(view).not.toHaveProperty("result");
  expect(await storyOf(view)).toEqual({ ...judged, seen: [137, "oom"], judged: [137, "oom"] });
  expect(await world.containersOf(body.jobId)).toHaveLength(1);
});

test("a container that is gone and told no exit code is transient, its code null", async ({ expect }) => {
  const { body, name } = await workUntilKilled("exec_vanished");
  await world.standIns.engine.faults.endWithoutExitCode(name);
  const view = await world.ended(body.jobId);
  expect(view).toMatchObject({
    status: "evicted",
    evicted: "transient",
    error: expect.stringContaining("transient infrastructure eviction"),
    exit: { code: null, cause: "vanished" },
    outcome: { code: "evicted-transient" },
  });
  expect(await storyOf(view)).toEqual({ ...judged, seen: [null, "vanished"], judged: [null, "vanished"] });
});

test("a SIGTERM that nobody here sent lets committed work be pushed before the harness says goodbye", async ({
  expect,
}) => {
  const { body, name } = await workUntilKilled("exec_drained");
  world.standIns.engine.faults.platformStop(name);
  const view = await world.ended(body.jobId);
  expect(view).toMatchObject({
    status: "evicted",
    evicted: "transient",
    exit: { code: 143, cause: "platform-stop", by: "monitor" },
    notes: expect.arrayContaining([expect.objectContaining({ code: "drained" })]),
  });
  const seen = [143, "platform-stop"];
  expect(await storyOf(view)).toEqual({ ...judged, seen, judged: seen });
  expect(await world.standIns.git.branch("holt", "sample", "holt/exec_drained")).toMatch(/^[0-9a-f]{40}$/);
});

const judged = { isAsOnView: true, isJudgedLater: true, isJudgedBeforeSilence: true };

type Working = {
  readonly body: JobBody;
  readonly pid: number;
  /** The container's. */
  readonly name: string;
};

/** A job whose agent has committed work and is in the middle of a tool call. */
async function workUntilKilled(
  execution: string,
  toCommand: (gate: Gate) => string = ({ command }) => command,
): Promise<Working> {
  const gate = await makeGate();
  gates.push(gate);
  const body = world.job(execution, runInTurn([commit, toCommand(gate)], "Never said."));
  await world.dispatch(body, policy);
  await gate.arrived;
  const [container] = await world.containersOf(body.jobId);
  if (container?.pid == null) throw new Error("no container runs");
  return { body, pid: container.pid, name: container.name };
}

/** What the log has of an end that was recorded when it was seen, and judged when a beat under way had had its time. */
async function storyOf({ id, exit, policy: { silenceMs, scale } }: JobView): Promise<unknown> {
  const events = await world.events(id);
  const [exited, verdict] = [findEvent(events, "instance-exited"), findEvent(events, "verdict")];
  const waitedMs = (findEvent(events, "terminal")?.at ?? 0) - (exited?.at ?? 0);
  return {
    seen: [exited?.["code"], exited?.["cause"]],
    judged: [verdict?.["code"], verdict?.["cause"]],
    isAsOnView: exit?.code === exited?.["code"] && exit?.cause === exited?.["cause"],
    isJudgedLater: waitedMs >= 5_000 * scale,
    isJudgedBeforeSilence: waitedMs < silenceMs,
  };
}
