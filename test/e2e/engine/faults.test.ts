// What the Execution object sees when things go wrong, as the process engine can make them.
import { afterAll, beforeAll, describe, test } from "vitest";
import { isAlive, startEngineRig, type EngineRig } from "./rig.ts";
import { findWorkerd } from "./workerd.ts";

describe("a container that meets a fault", () => {
  let rig: EngineRig;
  beforeAll(async () => {
    rig = await startEngineRig();
  });
  afterAll(() => rig.close());

  test("a lost monitor connection is no exit: the container lives, answers and can be inspected", async ({
    expect,
  }) => {
    const box = rig.box("lost");
    await box.start();
    const { pid } = await box.untilReady();
    const { name } = await rig.containerOf("lost");
    rig.engine.faults.loseMonitor(name);
    expect(await box.monitor()).toStrictEqual({
      state: "rejected",
      message: "Error: Network connection lost.",
    });
    expect(await box.state()).toMatchObject({ running: false });
    expect(await box.inspect()).not.toBeNull();
    expect((await box.untilReady()).pid).toBe(pid);
  });

  test("after a lost monitor connection destroy() does nothing, and works once the object was reset", async ({
    expect,
  }) => {
    const box = rig.box("lost-destroy");
    await box.start({ inactivityMs: 60_000 });
    const { pid } = await box.untilReady();
    const { name } = await rig.containerOf("lost-destroy");
    rig.engine.faults.loseMonitor(name);
    await box.monitor();
    expect(await box.call("/signal", { signal: 15 })).toMatchObject({
      error: expect.stringMatching(/not running/u),
    });
    expect(await box.call("/destroy", {})).toStrictEqual({ running: false });
    expect(await isAlive(pid)).toBe(true);
    await box.call("/abort", {}).catch(() => undefined);
    expect(await box.state()).toMatchObject({ running: true, runningAtStart: true });
    await box.call("/destroy", {});
    expect(await isAlive(pid)).toBe(false);
    expect(await rig.containerOf("lost-destroy")).toMatchObject({ state: "removed", exitCode: 137 });
  });

  test("without an inactivity timeout a reset of the object takes the container with it", async ({
    expect,
  }) => {
    const box = rig.box("abort-kills");
    await box.start();
    const { pid } = await box.untilReady();
    const { id } = await rig.containerOf("abort-kills");
    await box.call("/abort", {}).catch(() => undefined);
    await rig.engine.waitFor((all) => all.some((one) => one.id === id && one.state === "removed"));
    expect(await isAlive(pid)).toBe(false);
    expect(await box.state()).toMatchObject({ running: false });
  });

  test("a refused start arrives at monitor() without an exit code, and the next start works", async ({
    expect,
  }) => {
    const box = rig.box("refused");
    rig.engine.faults.refuseStart(1, "no capacity");
    await box.start();
    const seen = await box.monitor();
    expect(seen).toStrictEqual({ state: "rejected", message: "Error: Container failed to start" });
    expect(await box.state()).toMatchObject({ running: false });
    expect(await box.inspect()).toBeNull();
    await box.start();
    await box.untilReady();
  });

  test("a start that is refused by its environment is refused alone", async ({ expect }) => {
    const [refused, other] = [rig.box("meant"), rig.box("not-meant")];
    const stop = rig.engine.faults.refuseStarts((env) =>
      Promise.resolve(env["BOX"] === "meant" ? "no such image" : undefined),
    );
    await refused.start();
    expect(await refused.monitor()).toMatchObject({
      state: "rejected",
      message: expect.stringMatching(/failed to start/),
    });
    await other.start();
    await other.untilReady();
    stop();
    await refused.start();
    await refused.untilReady();
  });

  test("a container whose removal is held lives on until it is let go", async ({ expect }) => {
    const box = rig.box("held");
    await box.start();
    const { pid } = await box.untilReady();
    const { id } = await rig.containerOf("held");
    const asked = Promise.withResolvers<void>();
    const letGo = rig.engine.faults.holdRemovals((container) => {
      const isIt = container.id === id;
      if (isIt) asked.resolve();
      return isIt;
    });
    const destroyed = box.call("/destroy", {});
    await asked.promise;
    expect(await isAlive(pid)).toBe(true);
    letGo();
    expect(await destroyed).toStrictEqual({ running: false });
    expect(await isAlive(pid)).toBe(false);
  });

  test("an end without an exit code is told from a lost connection by inspect()", async ({ expect }) => {
    const box = rig.box("no-code");
    await box.start();
    const { pid } = await box.untilReady();
    const { name } = await rig.containerOf("no-code");
    await rig.engine.faults.endWithoutExitCode(name);
    expect(await box.monitor()).toStrictEqual({
      state: "rejected",
      message: "Error: Network connection lost.",
    });
    expect(await box.inspect()).toBeNull();
    expect(await isAlive(pid)).toBe(false);
    expect(await rig.containerOf("no-code")).toMatchObject({ state: "removed", exitCode: null });
  });

  test("a stop by the platform is a SIGTERM that nobody here asked for", async ({ expect }) => {
    const box = rig.box("platform");
    await box.start();
    await box.untilReady();
    rig.engine.faults.platformStop((await rig.containerOf("platform")).name);
    expect(await box.monitor()).toMatchObject({ exitCode: 143 });
  });

  test("exhausted memory ends it with 137", async ({ expect }) => {
    const box = rig.box("memory");
    await box.start();
    await box.untilReady();
    rig.engine.faults.outOfMemory((await rig.containerOf("memory")).name);
    expect(await box.monitor()).toMatchObject({ exitCode: 137 });
    expect(await rig.containerOf("memory")).toMatchObject({ state: "exited", outOfMemory: true });
  });

  test("dropped interceptions refuse the program until the object registers them again", async ({
    expect,
  }) => {
    const box = rig.box("dropped");
    await box.start({ intercept: "holt.internal", props: { attempt: 1 } });
    await box.untilReady();
    rig.engine.faults.dropInterceptions((await rig.containerOf("dropped")).name);
    expect(await box.call("/inside/fetch?url=http://holt.internal/")).toMatchObject({
      error: expect.any(String),
    });
    expect(await box.state()).toMatchObject({ running: true });
    await box.call("/intercept", { host: "holt.internal", props: { attempt: 2 } });
    expect(await box.callOut("fetch", "http://holt.internal/")).toMatchObject({ props: { attempt: 2 } });
  });

  test("a wire that forwards nothing leaves questions open and the container alive, until it is destroyed", async ({
    expect,
  }) => {
    const box = rig.box("dead-wire");
    await box.start({ intercept: "holt.internal", props: {} });
    const { pid } = await box.untilReady();
    const droppedBytes = rig.engine.faults.stopForwarding((await rig.containerOf("dead-wire")).name);
    expect(droppedBytes()).toBe(0);
    const asked = box.call("/inside/facts");
    const givenUp = AbortSignal.timeout(30_000);
    while (droppedBytes() === 0) {
      givenUp.throwIfAborted();
      await box.state();
    }
    expect(await box.state()).toMatchObject({ running: true });
    expect(await isAlive(pid)).toBe(true);
    await box.call("/destroy", {});
    expect(await asked).toMatchObject({ error: expect.any(String) });
    await box.start();
    expect((await box.untilReady()).pid).not.toBe(pid);
  });

  test("an exited container is not started again, and each start is one more create", async ({ expect }) => {
    const box = rig.box("counted");
    await box.start();
    await box.untilReady();
    await box.call("/inside/exit?code=3");
    await box.monitor();
    const own = () => rig.engine.containers().filter(({ env }) => env["BOX"] === "counted");
    expect(own()).toMatchObject([{ state: "exited", exitCode: 3 }]);
    await box.start();
    await box.untilReady();
    expect(own()).toMatchObject([
      { state: "removed", exitCode: 3 },
      { state: "running", exitCode: null },
    ]);
  });

  test("destroy() leaves no process behind, neither of the group nor a stray that knows the container's folder", async ({
    expect,
  }) => {
    const box = rig.box("tree");
    await box.start();
    const { pid } = await box.untilReady();
    const children = await box.call("/inside/children");
    expect(children).toStrictEqual({ child: expect.any(Number), stray: expect.any(Number) });
    await box.call("/destroy", {});
    for (const each of [pid, ...Object.values(children ?? {})]) {
      expect(await isAlive(Number(each)), `process ${each}`).toBe(false);
    }
  });

  test("SIGKILL of workerd leaves the container, its successor finds it and hears its exit code", async ({
    expect,
  }) => {
    const box = rig.box("restart");
    await box.start({ intercept: "holt.internal", props: { attempt: 1 } });
    const { boot } = await box.untilReady();
    await box.call("/remember", { value: "stored" });
    const { workerPort } = await rig.containerOf("restart");
    process.kill(await findWorkerd(workerPort), "SIGKILL");
    await untilAnswered(() => box.state());
    expect(await box.state()).toMatchObject({ running: true, runningAtStart: true, monitor: "none" });
    expect((await box.untilReady()).boot).toBe(boot);
    expect(await box.call("/recall")).toMatchObject({ value: "stored" });
    // Interceptions die with the workerd that held them.
    expect(await box.call("/inside/fetch?url=http://holt.internal/")).toMatchObject({
      error: expect.any(String),
    });
    await box.call("/intercept", { host: "holt.internal", props: { attempt: 1 } });
    expect(await box.callOut("curl", "http://holt.internal/")).toMatchObject({ props: { attempt: 1 } });
    await box.call("/watch", {});
    await box.call("/inside/exit?code=5");
    expect(await box.monitor()).toMatchObject({ exitCode: 5 });
    expect(rig.engine.containers().filter(({ env }) => env["BOX"] === "restart")).toHaveLength(1);
  });

  test("an alarm set before workerd was killed fires in its successor with no request", async ({
    expect,
  }) => {
    const box = rig.box("alarm");
    await box.start({ inactivityMs: 60_000, intercept: "holt.internal", props: {} });
    await box.untilReady();
    await box.call("/remember", { alarmMs: 1_000 });
    const { workerPort } = await rig.containerOf("alarm");
    process.kill(await findWorkerd(workerPort), "SIGKILL");
    // The object's constructor asks the engine for its container, which names the new workerd's port.
    await rig.engine.waitFor((all) =>
      all.some(({ env, workerPort: port }) => env["BOX"] === "alarm" && port !== workerPort),
    );
    await untilAnswered(() => box.state());
    expect(await box.call("/recall")).toMatchObject({ alarms: 1 });
  });
});

/** Requests under way when workerd dies are lost; the next ones wait for its successor. */
async function untilAnswered(ask: () => Promise<unknown>): Promise<void> {
  const givenUp = AbortSignal.timeout(30_000);
  for (;;) {
    const isAnswered = await ask().then(
      () => true,
      () => false,
    );
    if (isAnswered) return;
    givenUp.throwIfAborted();
  }
}
