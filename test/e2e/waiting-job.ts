import { runInTurn } from "../../local/model/script.ts";
import type { PolicyRequest } from "../../shared/policy.ts";
import { type Gate, makeGate } from "./gate.ts";
import type { World } from "./world.ts";

/** A job at work whose agent waits in a tool call until the gate opens. */
export async function dispatchWaiting(
  world: World,
  name: string,
  policy: PolicyRequest = {},
): Promise<{ readonly gate: Gate; readonly jobId: string }> {
  const gate = await makeGate();
  const body = world.job(name, runInTurn([gate.command], "Waited."), { noChangesIsError: false });
  await world.dispatch(body, policy);
  await gate.arrived;
  return { gate, jobId: body.jobId };
}
