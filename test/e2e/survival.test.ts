// The container lives on while the Worker loses sight of it, or dies: no false death, no second container, no lost event.
import { afterAll, beforeAll, test } from "vitest";
import type { EngineContainer } from "../../local/engine/engine.ts";
import { fixFailingTest } from "../../local/model/fix-failing-test.ts";
import { runInTurn } from "../../local/model/script.ts";
import { findWorkerd } from "./engine/workerd.ts";
import { type Gate, makeGate } from "./gate.ts";
import { seqsOf, upTo } from "./log.ts";
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

const commit = "echo work > work.txt && git add work.txt && git commit -qm work";

test("invariant 3: a lost monitor connection is no death: the work goes on, and so does the hold on the container", async ({
  expect,
}) => {
  const { body, gate, container } = await workUntilLost("exec_lost", 2_000);
  const lostAt = Date.now();
  world.standIns.engine.faults.loseMonitor(container.name);
  // Beats are stored again by an object that has begun anew; a read may fall into the moment between the two.
  await untilAnswered(() =>
    world.until(body.jobId, ({ signals }) => (signals.process?.at ?? 0) > lostAt + 500),
  );
  gate.open();
  expect(await storyOf(body)).toMatchObject(undisturbed);
  await world.standIns.engine.waitFor((all) =>
    all.some(({ id, state }) => id === container.id && state === "removed"),
  );
});

test("workerd killed in the middle of a tool call goes on where it was, with the same container", async ({
  expect,
}) => {
  const { body, gate, container } = await workUntilLost("exec_restart", 20_000);
  const before = await world.view(body.jobId);
  const workerd = await findWorkerd(container.workerPort);
  const accepted = world.job("exec_accepted", fixFailingTest);
  await world.dispatch(accepted);
  process.kill(workerd, "SIGKILL");
  const after = await untilAnswered(() => world.view(body.jobId));
  expect(after).toMatchObject({ status: "running", attempt: 1, startedAt: before.startedAt });
  expect(after.revision).toBeGreaterThanOrEqual(before.revision);
  gate.open();
  expect(await storyOf(body)).toMatchObject(undisturbed);

  // What was answered with 202 a moment before is carried out, too, in one container.
  expect(await world.ended(accepted.jobId)).toMatchObject({ state: "done", attempt: 1, gaps: [] });
  const living = (await world.containersOf(accepted.jobId)).filter(({ state }) => state === "running");
  expect(living).toHaveLength(1);
});

test("work that ends while there is no workerd is told to the next one", async ({ expect }) => {
  // The outage outlasts the silence: what was asleep was the one who listened.
  const { body, gate, container } = await workUntilLost("exec_meanwhile", 1_000);
  const pushed = world.standIns.git.waitForPush(({ updates }) =>
    updates.some(({ ref }) => ref === "refs/heads/holt/exec_meanwhile"),
  );
  const workerd = await findWorkerd(container.workerPort);
  process.kill(workerd, "SIGSTOP");
  gate.open();
  await pushed;
  process.kill(workerd, "SIGKILL");
  await untilAnswered(() => world.view(body.jobId));
  expect(await storyOf(body)).toMatchObject(undisturbed);
});

test("an end that no beat can tell is fetched, and what was lost with it is said", async ({ expect }) => {
  const { body, gate, container } = await workUntilLost("exec_cutoff", 400);
  world.standIns.engine.faults.dropInterceptions(container.name);
  gate.open();
  const story = await storyOf(body);
  expect(story).toMatchObject({
    view: { ...undisturbed.view, gaps: [{ count: null }] },
    eventsMissing: [],
    onceOnly: undisturbed.onceOnly,
    beforeTheEnd: undisturbed.beforeTheEnd,
    containers: 1,
    pullRequests: 1,
  });
});

type Working = { readonly body: JobBody; readonly gate: Gate; readonly container: EngineContainer };

/** A job in the middle of a tool call. */
async function workUntilLost(execution: string, silenceMs: number): Promise<Working> {
  const gate = await makeGate();
  gates.push(gate);
  const body = world.job(execution, runInTurn([commit, gate.command], "Done."));
  await world.dispatch(body, { silenceMs, idleMs: 200 });
  await gate.arrived;
  const [container] = await world.containersOf(body.jobId);
  if (container === undefined) throw new Error("no container runs");
  return { body, gate, container };
}

/** What an execution that nothing disturbed would leave. */
const undisturbed = {
  view: { state: "done", attempt: 1, round: 1, gaps: [], result: { pushed: true } },
  eventsMissing: [],
  toolsEnded: 2,
  onceOnly: { dispatched: 1, "instance-started": 1, "attempt-started": 1, terminal: 1 },
  beforeTheEnd: { "instance-exited": 0, "internal-error": 0 },
  containers: 1,
  pullRequests: 1,
};

async function storyOf(body: JobBody): Promise<Record<keyof typeof undisturbed, unknown>> {
  const view = await world.ended(body.jobId);
  const events = await world.events(body.jobId);
  const count = (kind: string, among = events): number => among.filter((each) => each.kind === kind).length;
  const seqs = seqsOf(events, body.jobId);
  const end = events.findIndex(({ kind }) => kind === "terminal");
  const early = events.slice(0, end);
  return {
    view,
    eventsMissing: upTo(Math.max(...seqs)).filter((seq, index) => seqs[index] !== seq),
    toolsEnded: count("tool-end"),
    onceOnly: Object.fromEntries(Object.keys(undisturbed.onceOnly).map((kind) => [kind, count(kind)])),
    beforeTheEnd: Object.fromEntries(
      Object.keys(undisturbed.beforeTheEnd).map((kind) => [kind, count(kind, early)]),
    ),
    containers: (await world.containersOf(body.jobId)).length,
    pullRequests: world.standIns.github.pulls().filter(({ head }) => head === body["pushBranch"]).length,
  };
}

/** A request under way when its object or its workerd ends is lost; whoever sent it asks again. */
async function untilAnswered<T>(ask: () => Promise<T>): Promise<T> {
  const givenUp = AbortSignal.timeout(60_000);
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (givenUp.aborted) throw error;
    }
  }
}
