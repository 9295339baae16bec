// A lost attempt is followed by another, which goes on from what the remote has.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, test } from "vitest";
import { commandOf, runCommand, say, type Script } from "../../local/model/script.ts";
import { type Gate, makeGate } from "./gate.ts";
import { openWorld, type World } from "./world.ts";

const run = promisify(execFile);
let world: World;
let gate: Gate;
beforeAll(async () => {
  world = await openWorld();
  gate = await makeGate();
});
afterAll(async () => {
  await gate.close();
  await world.close();
});

const commit = "echo work >> work.txt && git add work.txt && git commit -qm work && git rev-parse HEAD";
const branch = "holt/exec_heals";

test("invariant 12: a commit that a checkpoint has saved outlives its container, and the next attempt goes on from it", async ({
  expect,
}) => {
  const saved: string[] = [];
  // Waits with the second command until a checkpoint has brought the first one's commit to the remote.
  const script: Script = async ({ toolResults }) => {
    const ran = new Map(toolResults.map(({ args, text }) => [commandOf(args), text]));
    const sha = ran.get(commit)?.trim();
    if (sha === undefined) return runCommand(commit);
    if (!saved.includes(sha)) saved.push(sha);
    await world.standIns.git.waitForPush(({ updates }) =>
      updates.some(({ ref, after }) => ref === `refs/heads/${branch}` && after === sha),
    );
    return ran.has(gate.command) ? say("Done.") : runCommand(gate.command);
  };
  const body = world.job("exec_heals", script);
  // A checkpoint every 1.2 s; an exit is judged after 100 ms.
  await world.dispatch(body, { scale: 0.02 });
  await gate.arrived;
  const [container] = await world.containersOf(body.jobId);
  process.kill(container?.pid ?? 0, "SIGKILL");
  gate.open();

  expect(await world.ended(body.jobId)).toMatchObject({
    state: "done",
    attempt: 2,
    recoveries: [{ attempt: 1, evicted: "crash" }],
    gaps: [{ count: null }],
    result: { pushed: true, branch },
  });
  const { stdout } = await run("git", ["-C", world.repository.path, "log", "--format=%H", branch]);
  expect(saved).toHaveLength(2);
  expect(stdout.trim().split("\n").slice(0, 2)).toEqual(saved.toReversed());
  expect(await world.containersOf(body.jobId)).toHaveLength(2);
});
