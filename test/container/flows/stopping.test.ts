import { onTestFinished, test } from "vitest";
import { namesOfProcessesIn } from "../job-folder.ts";
import { stopped } from "../recording-context.ts";
import { type Studio, openStudio } from "./studio.ts";

const headOf = ({ host }: Studio) => host.server.branch("octo", "app", "cat/1");

/** Edits, commits, edits again, and hangs in a tool call with a child and a grandchild that do not want to die. */
const stubborn = `
commit work.txt
echo unfinished > README.md
start_tool "sleep"
trap '' TERM
setsid sh -c "trap '' TERM; sleep 300" &
(trap '' TERM; sleep 300) &
say ready
wait
sleep 300`;

async function stopInTheMiddle(studio: Studio, reason: Parameters<Studio["recording"]["stop"]>[0]) {
  const running = studio.run();
  await studio.recording.waitFor((report) => report.kind === "output" && report.stream === "agent");
  studio.recording.stop(reason);
  const terminal = await running;
  return { terminal, left: await namesOfProcessesIn(studio.recording.context.folder) };
}

test("a stopped job ends its agent, saves its edits and pushes them", async ({ expect }) => {
  const studio = await openStudio({ agent: stubborn });
  const { terminal, left } = await stopInTheMiddle(studio, stopped);
  expect(terminal).toEqual({
    state: "failed",
    error: "cancelled: not needed",
    result: {
      pushed: true,
      branch: "cat/1",
      summary: "ready",
      stats: { toolCalls: 0, assistantChars: 5 },
    },
  });
  expect(left).toEqual([]);
  expect(await studio.host.inRepository("show", "cat/1:README.md")).toBe("unfinished");
  expect(studio.github.requests()).toEqual([]);
});

test("a stopped job whose edits the file system lets nobody read pushes its commits", async ({ expect }) => {
  const unreadable = 'touch "$PWD/../harness/outbox.git/fresh"';
  const studio = await openStudio({ agent: `${unreadable}; ${stubborn}` });
  const { terminal } = await stopInTheMiddle(studio, stopped);
  expect(terminal).toMatchObject({ error: "cancelled: not needed", result: { pushed: true } });
  expect(await studio.host.inRepository("show", "cat/1:README.md")).toBe("hello");
});

test("a stop whose cause is a known one names it", async ({ expect }) => {
  const studio = await openStudio({ agent: stubborn });
  const text = "Aborted: no agent activity for 600s";
  const { terminal } = await stopInTheMiddle(studio, {
    kind: "stop",
    cause: "inactivity-timeout",
    graceMs: 1_000,
    text,
  });
  expect(terminal).toMatchObject({ error: text, failureCause: "inactivity-timeout" });
});

test("a harness that is told to end pushes what there is", async ({ expect }) => {
  const studio = await openStudio({ agent: stubborn });
  const { terminal } = await stopInTheMiddle(studio, { kind: "drain" });
  expect(terminal).toMatchObject({ state: "failed", result: { pushed: true } });
  expect(terminal).not.toHaveProperty("failureCause");
  expect(await headOf(studio)).toBeDefined();
});

for (const kind of ["fenced", "killed"] as const) {
  test(`after '${kind}' nothing leaves the machine and nothing of the agent stays`, async ({ expect }) => {
    const studio = await openStudio({ agent: stubborn });
    const { terminal, left } = await stopInTheMiddle(studio, { kind });
    expect(terminal).toMatchObject({ state: "failed", result: { pushed: false } });
    expect(left).toEqual([]);
    expect(studio.host.server.pushes()).toEqual([]);
  });
}

test("a push under way is cut off when nothing may leave any more", async ({ expect }) => {
  const studio = await openStudio({ agent: "commit work.txt; say ok" });
  const hold = studio.host.server.hold("push");
  const running = studio.run();
  await hold.held;
  studio.recording.stop({ kind: "killed" });
  expect(await running).toMatchObject({ state: "failed", result: { pushed: false } });
  hold.release();
});

test("a job that is stopped while it clones ends at once", async ({ expect }) => {
  const studio = await openStudio({ agent: "say ok" });
  const hold = studio.host.server.hold("fetch");
  const running = studio.run();
  await hold.held;
  studio.recording.stop(stopped);
  expect(await running).toEqual({ state: "failed", error: "cancelled: not needed" });
});

test("a job that is stopped while it pushes keeps the push and opens no pull request", async ({ expect }) => {
  const studio = await openStudio({ agent: "commit work.txt; say ok" });
  const hold = studio.host.server.hold("push");
  const running = studio.run();
  await hold.held;
  studio.recording.stop(stopped);
  hold.release();
  expect(await running).toMatchObject({ state: "failed", result: { pushed: true } });
  expect(studio.github.requests()).toEqual([]);
});

test("commits leave at the next checkpoint, while the agent works on", async ({ expect }) => {
  const studio = await openStudio({
    agent: "commit work.txt; echo open > README.md; wait_for_go; say ok",
    limits: { checkpointMs: 50 },
  });
  const running = studio.run();
  const { updates } = await studio.host.server.waitForPush(() => true);
  expect(await headOf(studio)).toBe(updates[0]?.after);
  expect(await studio.host.inRepository("show", "cat/1:README.md")).toBe("hello");
  await studio.letGo();
  expect(await running).toMatchObject({ state: "done", result: { pushed: true } });
  expect(await studio.host.inRepository("show", "cat/1:README.md")).toBe("open");
});

test("a checkpoint that outlasts the agent is the harness's work, and no silence of the agent", async ({
  expect,
}) => {
  const studio = await openStudio({
    agent: "commit work.txt; wait_for_go; say ok",
    limits: { checkpointMs: 50 },
  });
  const hold = studio.host.server.hold("push");
  const running = studio.run();
  await hold.held;
  await studio.letGo();
  await studio.recording.waitFor((report) => report.kind === "phase" && report.phase === "saving");
  expect(studio.host.server.pushes()).toEqual([]);
  hold.release();
  expect(await running).toMatchObject({ state: "done", result: { pushed: true } });
});

test("what a checkpoint pushed and the agent rewrote is replaced at the end", async ({ expect }) => {
  const studio = await openStudio({
    agent: "commit work.txt; wait_for_go; git commit -q --amend -m 'Better words'; say ok",
    limits: { checkpointMs: 50 },
  });
  const running = studio.run();
  await studio.host.server.waitForPush(() => true);
  await studio.letGo();
  expect(await running).toMatchObject({ state: "done", result: { pushed: true } });
  expect(await studio.host.inRepository("log", "--format=%s", "main..cat/1")).toBe("Better words");
});

test("a checkpoint that fails is a note, and the job goes on", async ({ expect }) => {
  const studio = await openStudio({
    agent: "commit work.txt; wait_for_go; say ok",
    limits: { checkpointMs: 50 },
  });
  const allow = studio.host.server.refuse("push", { kind: "server-error" });
  const running = studio.run();
  await studio.recording.waitFor((report) => report.kind === "note" && report.code === "checkpoint-failed");
  allow();
  await studio.letGo();
  expect(await running).toMatchObject({ state: "done", result: { pushed: true } });
});

test("an agent without commits leaves no branch at a checkpoint", async ({ expect }) => {
  const studio = await openStudio({
    agent: "echo open > README.md; say ready; wait_for_go; git checkout -q README.md; say ok",
    limits: { checkpointMs: 20 },
  });
  const running = studio.run();
  await studio.recording.waitFor((report) => report.kind === "output" && report.stream === "agent");
  await studio.letGo();
  expect(await running).toMatchObject({ state: "done", result: { pushed: false } });
  expect(studio.host.server.pushes()).toEqual([]);
});

test("a server that the agent left running is ended and named", async ({ expect }) => {
  const studio = await openStudio({
    agent: `
commit work.txt
mkfifo $TMPDIR/ready
setsid -f sh -c 'echo > $TMPDIR/ready; exec sleep 300'
read _ < $TMPDIR/ready
say ok`,
  });
  expect(await studio.run()).toMatchObject({ state: "done" });
  expect(await namesOfProcessesIn(studio.recording.context.folder)).toEqual([]);
  expect(studio.recording.reported).toContainEqual({
    kind: "note",
    code: "processes-ended",
    text: expect.stringMatching(/^The agent left \d+ processes; ended: .*(?:sh|sleep) \(\d+\)/),
  });
});

test("a server that hides from its job is left alone on a machine with other work, and named", async ({
  expect,
}) => {
  const studio = await openStudio({
    agent: `
commit work.txt
mkfifo $TMPDIR/ready
(cd / && env -i setsid -f sh -c "echo > $TMPDIR/ready; exec sleep 300")
read _ < $TMPDIR/ready
say ok`,
  });
  expect(await studio.run()).toMatchObject({ state: "done" });
  const [text = ""] = studio.recording.reported.flatMap((report) =>
    report.kind === "note" && report.code === "processes-left" ? [report.text] : [],
  );
  const pid = Number(/: \w+ \((\d+)\)/.exec(text)?.[1]);
  onTestFinished(() => void process.kill(pid, "SIGKILL"));
  expect(text).toMatch(/^1 processes that seem to be the agent's were left alone/);
});
