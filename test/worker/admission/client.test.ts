import { reset, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, test } from "vitest";
import { ADMISSION_NAME, createAdmissionPort } from "../../../worker/admission/client.ts";
import { admittedExecutions } from "../../../worker/admission/deps.ts";
import type { AdmissionRpc } from "../../../worker/admission/rpc.ts";
import { onCron } from "../../../worker/cron.ts";
import { executionsOf } from "../../../worker/executions.ts";
import { Rig } from "../execution/rig.ts";
import { fakeExecutions } from "../fake-executions.ts";
import { AdmissionRig } from "./rig.ts";
import { recordingLog } from "../recording-log.ts";

afterEach(reset);

const MINUTE = 60_000;

test("every execution of a deployment stands in the same line", async ({ expect }) => {
  const line = new AdmissionRig(ADMISSION_NAME);
  const [a, b, c] = ["a", "b", "c"].map((id) => createAdmissionPort(env, id));
  if (a === undefined || b === undefined || c === undefined) throw new Error("three ports were made");
  const soon = line.now + 30_000;
  expect(await a.request(soon)).toEqual({ kind: "granted" });
  expect(await b.request(soon)).toEqual({ kind: "granted" });
  expect(await c.request(soon)).toEqual({ kind: "waiting", position: 1, live: 2, max: 2 });
  expect(await a.renew(soon)).toBe(true);
  await a.release(null);
  expect(await c.request(soon)).toEqual({ kind: "granted" });
  expect(line.world.said).toEqual(["granted c"]);
});

test("a call that the platform says may be repeated is made once more, by a new stub; any other fails", async ({
  expect,
}) => {
  const reset = Object.assign(new Error("reset because its code was updated"), { durableObjectReset: true });
  const failing = (errors: readonly Error[]) => {
    const left = [...errors];
    let stubs = 0;
    const renew = async () => {
      const error = left.shift();
      if (error !== undefined) throw error;
      return true;
    };
    const ADMISSION = { getByName: () => ((stubs += 1), lineWith({ renew })) };
    return { port: createAdmissionPort({ ADMISSION }, "a"), stubs: () => stubs };
  };
  const once = failing([reset]);
  expect(await once.port.renew(0)).toBe(true);
  expect(once.stubs()).toBe(2);
  await expect(failing([reset, reset]).port.renew(0)).rejects.toThrow("code was updated");
  const broken = failing([new Error("a defect")]);
  await expect(broken.port.renew(0)).rejects.toThrow("a defect");
  expect(broken.stubs()).toBe(1);
});

test("an execution that does not answer a visit is left at the end of its time", async ({ expect }) => {
  const { executions } = fakeExecutions({
    tend: () => new Promise(() => undefined),
    granted: () => new Promise(() => undefined),
  });
  const visits = admittedExecutions(executions, 20);
  await expect(visits.tend("a")).rejects.toMatchObject({ name: "TimeoutError" });
  await expect(visits.granted("a")).rejects.toMatchObject({ name: "TimeoutError" });
});

test("a cron trigger that cannot reach the line says so, in the log and to the platform", async ({
  expect,
}) => {
  const lines: string[] = [];
  const ADMISSION = { getByName: () => lineWith({ sweep: () => Promise.reject(new Error("no answer")) }) };
  const log = recordingLog(({ level, event }) => void lines.push(`${level} ${event}`));
  await expect(onCron({ ADMISSION }, log)).rejects.toThrow("no answer");
  expect(lines).toEqual(["error sweep.failed"]);
});

test("invariant 8: an execution whose alarm the platform lost is brought back by the line's own alarm", async ({
  expect,
}) => {
  const rig = new Rig();
  const line = new AdmissionRig();
  line.world.executions = admittedExecutions(executionsOf(env), 20_000);
  await rig.begin();
  await line.renew(rig.executionId);
  // The board has heard all there is: nothing else wakes the object.
  await rig.advance(5_000);
  await runInDurableObject(rig.stub, (_, state) => state.storage.deleteAlarm());
  await rig.happens(() => rig.world.clock.moveTo(rig.now + 3 * MINUTE));
  expect(await rig.alarmAt()).toBeNull();
  await line.advance(3 * MINUTE);
  await rig.quiet();
  expect(await rig.alarmAt()).toBeGreaterThan(rig.now);
  expect(await line.object.stats()).toMatchObject({ live: 1, swept: 1, failed: 0, orphans: 0 });
});

test("invariant 9: an idle container whose execution lost its alarm is destroyed, counted, and its slot given back", async ({
  expect,
}) => {
  const rig = new Rig();
  const line = new AdmissionRig();
  line.world.executions = admittedExecutions(executionsOf(env), 20_000);
  const job = await rig.begin();
  await line.renew(rig.executionId);
  await rig.beat(job, { terminal: { state: "done", result: {} } });
  await runInDurableObject(rig.stub, (_, state) => state.storage.deleteAlarm());
  await rig.happens(() => rig.world.clock.moveTo(rig.now + 3 * MINUTE));
  expect(rig.machine.alive).not.toBeNull();
  await line.advance(3 * MINUTE);
  expect(rig.machine.alive).toBeNull();
  expect(await line.object.stats()).toMatchObject({ live: 0, swept: 1, orphans: 1, orphanSeconds: 120 });
  expect((await line.dump())["place"]).toEqual([]);
});

/** A line of which only these methods are reached. */
function lineWith(methods: Partial<AdmissionRpc>): AdmissionRpc {
  const unasked = (): never => {
    throw new Error("nobody asks for this here");
  };
  return { request: unasked, renew: unasked, release: unasked, sweep: unasked, stats: unasked, ...methods };
}
