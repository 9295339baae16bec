import { test } from "vitest";
import { openStudio } from "./studio.ts";

const calls = (count: number, isError: boolean): string =>
  `for i in $(seq ${count}); do event '{"type":"tool_execution_end","toolCallId":"c1","toolName":"bash","isError":${isError}}'; done`;

test("an agent that fails at every turn fails its job, and its commits are kept", async ({ expect }) => {
  const studio = await openStudio({ agent: `commit kept; ${calls(12, true)}; exec sleep 60` });
  expect(await studio.run()).toMatchObject({
    state: "failed",
    failureCause: "agent",
    error: expect.stringMatching(/^no progress: 12 consecutive failing tool calls — .* Aborting\.$/),
    result: { pushed: true, branch: "cat/1" },
  });
});

test("a job's own limits let its agent fail for longer", async ({ expect }) => {
  const studio = await openStudio({
    agent: `${calls(19, true)}; commit late; say done`,
    job: { guardLimits: { maxConsecutiveErrors: 20 } },
  });
  expect(await studio.run()).toMatchObject({ state: "done", result: { pushed: true } });
});

test("an agent that commits through its shell may call as many tools as it needs", async ({ expect }) => {
  const studio = await openStudio({ agent: `commit early; ${calls(200, false)}; say done` });
  expect(await studio.run()).toMatchObject({ state: "done", result: { pushed: true } });
});

test("an agent that calls its shell forty times and changes nothing fails its job", async ({ expect }) => {
  const studio = await openStudio({ agent: `${calls(40, false)}; exec sleep 60` });
  expect(await studio.run()).toMatchObject({
    state: "failed",
    failureCause: "agent",
    error: expect.stringMatching(/^no progress: 40 tool calls and not one file edit — /),
    result: { pushed: false },
  });
});

test("follow-ups reach people while the agent works and the repository never", async ({ expect }) => {
  const studio = await openStudio({
    agent: `echo '{"kind":"question","title":"Which one?"}' >> .cat-follow-ups.jsonl
wait_for_go
printf '%s' '{"title":"Rename it"}' >> .cat-follow-ups.jsonl
echo change >> README.md
git add -A
commit work`,
    job: { streamFollowUps: true },
  });
  const running = studio.run();
  await studio.recording.waitFor((told) => told.kind === "follow-up" && told.title === "Which one?");
  await studio.letGo();
  expect(await running).toMatchObject({ state: "done", result: { pushed: true } });
  const told = studio.recording.reported.filter(({ kind }) => kind === "follow-up");
  expect(told).toMatchObject([
    { about: "question", title: "Which one?" },
    { about: "follow_up", title: "Rename it" },
  ]);
  expect(await studio.host.inRepository("ls-tree", "-r", "--name-only", "cat/1")).not.toContain("follow-ups");
});

test("follow-ups that nobody asked for are not read", async ({ expect }) => {
  const studio = await openStudio({
    agent: `echo '{"title":"Which one?"}' >> .cat-follow-ups.jsonl; commit work`,
  });
  expect(await studio.run()).toMatchObject({ state: "done" });
  expect(studio.recording.reported.filter(({ kind }) => kind === "follow-up")).toEqual([]);
});
