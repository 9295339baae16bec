// What the Execution object relies on in `ctx.container`. Nothing here knows which engine answers:
// `ENGINE=unix:///var/run/docker.sock` holds a Docker Engine against it.
import { afterAll, beforeAll, describe, test } from "vitest";
import { startRig, type Rig } from "./rig.ts";

describe("the container contract", () => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await startRig();
  });
  afterAll(() => rig.close());

  test("a started program answers on its port and runs", async ({ expect }) => {
    const box = rig.box("answers");
    await box.start({ env: { GREETING: "hello" } });
    const facts = await box.untilReady();
    expect(facts.env["GREETING"]).toBe("hello");
    expect(await box.state()).toMatchObject({ running: true, monitor: "pending" });
  });

  test("a fetch before the program listens fails and leaves the container running", async ({ expect }) => {
    const box = rig.box("early");
    await box.start({ env: { NEVER_LISTEN: "1" } });
    expect(await box.call("/inside/facts")).toMatchObject({ error: expect.stringMatching(/not listening/u) });
    expect(await box.state()).toMatchObject({ running: true });
  });

  test("the exit code arrives at monitor()", async ({ expect }) => {
    const box = rig.box("exits");
    await box.start();
    await box.untilReady();
    await box.call("/inside/exit?code=7");
    expect(await box.monitor()).toMatchObject({ state: "rejected", exitCode: 7 });
    expect(await box.state()).toMatchObject({ running: false });
  });

  test("exit 0 resolves monitor()", async ({ expect }) => {
    const box = rig.box("exits-0");
    await box.start();
    await box.untilReady();
    await box.call("/inside/exit?code=0");
    expect(await box.monitor()).toStrictEqual({ state: "resolved" });
  });

  test("a program that handles SIGTERM chooses its exit code", async ({ expect }) => {
    const box = rig.box("handles-term");
    await box.start({ env: { ON_TERM: "0" } });
    await box.untilReady();
    await box.call("/signal", { signal: 15 });
    expect(await box.monitor()).toStrictEqual({ state: "resolved" });
  });

  test("exit 143 after SIGTERM is reported as 143", async ({ expect }) => {
    const box = rig.box("143");
    await box.start({ env: { ON_TERM: "143" } });
    await box.untilReady();
    await box.call("/signal", { signal: 15 });
    expect(await box.monitor()).toMatchObject({ state: "rejected", exitCode: 143 });
  });

  test("destroy() ends it with 137 and leaves nothing to inspect", async ({ expect }) => {
    const box = rig.box("destroyed");
    await box.start({ labels: { job: "j1" } });
    await box.untilReady();
    expect(await box.inspect()).toMatchObject({ labels: { job: "j1" }, image: expect.any(String) });
    expect(await box.call("/destroy", {})).toStrictEqual({ running: false });
    expect(await box.monitor()).toMatchObject({ state: "rejected", exitCode: 137 });
    expect(await box.inspect()).toBeNull();
  });

  test("a reason given to destroy() is what monitor() rejects with", async ({ expect }) => {
    const box = rig.box("reason");
    await box.start();
    await box.untilReady();
    await box.call("/destroy", { reason: "watchdog" });
    expect(await box.monitor()).toStrictEqual({ state: "rejected", message: "watchdog" });
  });

  test("destroy() right after start() ends what was starting", async ({ expect }) => {
    const box = rig.box("destroyed-early");
    await box.start();
    await box.call("/destroy", {});
    expect(await box.monitor()).toMatchObject({ state: "rejected", exitCode: 137 });
    expect(await box.inspect()).toBeNull();
  });

  test("destroy() where nothing runs changes nothing", async ({ expect }) => {
    const box = rig.box("never-started");
    expect(await box.call("/destroy", {})).toStrictEqual({ running: false });
    expect(await box.inspect()).toBeNull();
  });

  test("a destroyed container can be started again with another environment", async ({ expect }) => {
    const box = rig.box("again");
    await box.start({ env: { TRY: "1" } });
    await box.untilReady();
    await box.call("/destroy", {});
    await box.start({ env: { TRY: "2" } });
    expect((await box.untilReady()).env["TRY"]).toBe("2");
  });

  test.for(["fetch", "curl"])(
    "%s to an intercepted host reaches the entrypoint with its props",
    async (client, { expect }) => {
      const box = rig.box(`intercepts-${client}`);
      await box.start({ intercept: "holt.internal", props: { execution: "e1" } });
      await box.untilReady();
      expect(await box.callOut(client, "http://holt.internal/v1/beats")).toStrictEqual({
        props: { execution: "e1" },
        url: "http://holt.internal/v1/beats",
        method: "POST",
        body: client === "fetch" ? "from node" : "from curl",
      });
    },
  );

  test("git reaches an intercepted host", async ({ expect }) => {
    const box = rig.box("intercepts-git");
    await box.start({ intercept: "git.holt.internal", props: { branch: "served" } });
    await box.untilReady();
    const answer = await box.call("/inside/git?url=http://git.holt.internal/org/repo.git");
    expect(answer).toMatchObject({ body: expect.stringContaining("refs/heads/served") });
  });

  test("an interception on another port leaves port 80 closed", async ({ expect }) => {
    const box = rig.box("port");
    await box.start({ intercept: "holt.internal:8099", props: {} });
    await box.untilReady();
    expect(await box.call("/inside/fetch?url=http://holt.internal:8099/x")).toMatchObject({ status: 200 });
    expect(await box.call("/inside/fetch?url=http://holt.internal/x")).toMatchObject({
      error: expect.any(String),
    });
  });

  test("a host nobody intercepts is out of reach without the internet", async ({ expect }) => {
    const box = rig.box("offline");
    await box.start({ intercept: "holt.internal", props: {} });
    await box.untilReady();
    const answer = await box.call("/inside/fetch?url=http://elsewhere.invalid/");
    expect(answer).toMatchObject({ error: expect.any(String) });
  });

  test("an interception made again serves with its new props", async ({ expect }) => {
    const box = rig.box("re-registers");
    await box.start({ intercept: "holt.internal", props: { attempt: 1 } });
    await box.untilReady();
    await box.call("/intercept", { host: "holt.internal", props: { attempt: 2 } });
    expect(await box.callOut("fetch", "http://holt.internal/")).toMatchObject({ props: { attempt: 2 } });
  });

  test("two containers share neither home nor temporary folder nor workspace", async ({ expect }) => {
    const [first, second] = [rig.box("home-1"), rig.box("home-2")];
    await Promise.all([first.start(), second.start()]);
    await Promise.all([first.untilReady(), second.untilReady()]);
    for (const folder of ["HOME", "TMPDIR", "FIXTURE_WORKSPACE"]) {
      await first.call(`/inside/write?folder=${folder}&name=note`);
      expect(await first.call(`/inside/list?folder=${folder}`)).toContain("note");
      expect(await second.call(`/inside/list?folder=${folder}`)).not.toContain("note");
    }
  });

  test("the object reset by abort() finds its container again while an inactivity timeout stands", async ({
    expect,
  }) => {
    const box = rig.box("aborted");
    await box.start({ inactivityMs: 60_000 });
    const { boot } = await box.untilReady();
    await box.call("/abort", {}).catch(() => undefined);
    expect(await box.state()).toMatchObject({ running: true, runningAtStart: true, monitor: "none" });
    expect((await box.untilReady()).boot).toBe(boot);
    await box.call("/watch", {});
    await box.call("/inside/exit?code=9");
    expect(await box.monitor()).toMatchObject({ exitCode: 9 });
  });
});
