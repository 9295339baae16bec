import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "vitest";
import { runGit } from "../git-host.ts";
import { makeJob } from "../make-job.ts";
import { namesOfProcessesIn } from "../job-folder.ts";
import { checkoutOf, openExplore, phasesOf, prose, reportsOf, timeIsUp } from "./explore-studio.ts";

const gate = { ...prose, failOnUnusableFinal: true };

test("an explore job's report is its agent's last answer", async ({ expect }) => {
  const studio = await openExplore({ agent: "say 'Looking.'; say 'All is well.'" });
  expect(await studio.run()).toEqual({
    state: "done",
    result: { summary: "All is well.", stats: { toolCalls: 0, assistantChars: 20 } },
  });
  expect(phasesOf(studio)).toEqual(["clone", "agent"]);
});

test("what an explore job's agent edits and commits leaves nothing at the remote", async ({ expect }) => {
  const studio = await openExplore({ agent: "commit work.txt; echo x > README.md; say ok" });
  const before = await studio.host.inRepository("for-each-ref");
  expect(await studio.run()).toMatchObject({ state: "done", result: { summary: "ok" } });
  expect(studio.host.server.pushes()).toEqual([]);
  expect(await studio.host.inRepository("for-each-ref")).toBe(before);
});

test("an explore job leaves no process", async ({ expect }) => {
  const studio = await openExplore({ agent: "setsid sleep 600 & say ok" });
  expect(await studio.run()).toMatchObject({ state: "done" });
  expect(await namesOfProcessesIn(studio.folder)).toEqual([]);
});

for (const error of ["401 invalid key", "402 budget exhausted", "400 no such model"]) {
  test(`a model that answers ${error} fails an explore job in the model's words`, async ({ expect }) => {
    const studio = await openExplore({ agent: `fail_model '${error}'` });
    expect(await studio.run()).toEqual({
      state: "failed",
      error,
      failureCause: "agent",
      result: { summary: "", stats: { toolCalls: 0, assistantChars: 0 } },
    });
  });
}

test("an agent that says nothing has produced no report, whatever events it printed", async ({ expect }) => {
  const session = '{"type":"session","cwd":"/tmp/secret-path","id":"1"}';
  const studio = await openExplore({ agent: `event '${session}'; echo 'no route to model' >&2` });
  expect(await studio.run()).toEqual({
    state: "done",
    result: {
      summary: "",
      stats: { toolCalls: 0, assistantChars: 0 },
      error:
        "the agent produced no report (the agent never acted — it most likely could not reach the model). Agent stderr: no route to model",
      failureCause: "no-usable-output",
    },
  });
});

test("an agent that worked and said nothing is not said never to have acted", async ({ expect }) => {
  const studio = await openExplore({ agent: `answer '[{"type":"toolCall","id":"c","name":"read"}]' stop` });
  expect(await studio.run()).toMatchObject({
    state: "done",
    result: { error: "the agent produced no report.", failureCause: "no-usable-output" },
  });
});

test("a final answer that was cut off is a failure where the job says so, and only there", async ({
  expect,
}) => {
  const agent = `answer '[{"type":"text","text":"The report beg"}]' length`;
  const strict = await openExplore({ agent, job: { output: gate } });
  expect(await strict.run()).toEqual({
    state: "done",
    result: {
      summary: "The report beg",
      stats: { toolCalls: 0, assistantChars: 14 },
      error:
        "the agent did not return a usable result: its final answer hit the output ceiling and was cut off. Agent output: The report beg",
      failureCause: "no-usable-output",
    },
  });
  const lenient = await openExplore({ agent });
  expect(await lenient.run()).toMatchObject({ result: { summary: "The report beg" } });
});

test("a final turn without text is a failure where the job says so, earlier cuts are not", async ({
  expect,
}) => {
  const empty = await openExplore({ agent: `say 'Thinking.'; answer '[]' stop`, job: { output: gate } });
  expect(await empty.run()).toMatchObject({
    result: {
      error:
        "the agent did not return a usable result: its final turn carried no text. Agent output: Thinking.",
    },
  });
  const recovered = await openExplore({
    agent: `answer '[{"type":"text","text":"cut"}]' length; say 'Whole.'`,
    job: { output: gate },
  });
  expect((await recovered.run()).result).toEqual({
    summary: "Whole.",
    stats: { toolCalls: 0, assistantChars: 9 },
  });
});

test("an agent that ends with an error fails the job with its last words", async ({ expect }) => {
  const studio = await openExplore({ agent: "say 'I began.'; echo broken >&2; exit 3" });
  expect(await studio.run()).toEqual({
    state: "failed",
    error: "pi exited with code 3: broken",
    failureCause: "agent",
    result: { summary: "I began.", stats: { toolCalls: 0, assistantChars: 8 } },
  });
});

test("a branch that does not exist fails the job with git's words", async ({ expect }) => {
  const studio = await openExplore({ agent: "say ok", job: { branch: "nope" } });
  expect(await studio.run()).toMatchObject({
    state: "failed",
    failureCause: "git",
    error: expect.stringContaining("Remote branch nope not found in upstream origin"),
  });
});

test("an explore job that is stopped keeps what its agent had said", async ({ expect }) => {
  const studio = await openExplore({ agent: "say 'I began.'; wait_for_go" });
  const running = studio.run();
  await studio.recording.waitFor((report) => report.kind === "output" && report.text === "I began.");
  studio.recording.stop(timeIsUp);
  expect(await running).toMatchObject({
    state: "failed",
    error: "Aborted: exceeded max duration of 1s",
    failureCause: "max-duration",
    result: { summary: "I began." },
  });
});

test("the agent of an explore job works in the service's folder, with the context files beside it", async ({
  expect,
}) => {
  const studio = await openExplore({
    agent: `say "$(basename "$PWD"): $(cat .cat-context/issue.md), $(git status --porcelain | wc -l) changes"`,
    files: { "services/api/main.txt": "x\n" },
    job: {
      repo: { ...makeJob().repo, serviceDirectory: "services/api" },
      contextFiles: [{ path: "issue.md", content: "the issue", title: "Issue", url: "" }],
    },
  });
  expect(await studio.run()).toMatchObject({ result: { summary: "api: the issue, 0 changes" } });
});

test("a full explore job has the whole history, another has the newest commit", async ({ expect }) => {
  const agent = `say "$(git rev-list --count HEAD) commits of $(git branch -r | grep -vc HEAD) branches"`;
  const before: Parameters<typeof openExplore>[0]["before"] = async (host) => {
    await host.commitElsewhere("main", "second.txt");
    await host.commitElsewhere("other", "third.txt", "main");
  };
  const full = await openExplore({ agent, before, job: { full: true } });
  expect(await full.run()).toMatchObject({ result: { summary: "2 commits of 2 branches" } });
  const shallow = await openExplore({ agent, before });
  expect(await shallow.run()).toMatchObject({ result: { summary: "1 commits of 1 branches" } });
});

test("what an explore agent leaves to a person is told while it works", async ({ expect }) => {
  const studio = await openExplore({
    agent: `echo '{"title":"Which database?","kind":"question"}' >> .cat-follow-ups.jsonl; say ok; wait_for_go`,
    job: { streamFollowUps: true },
    limits: { followUpPollMs: 20 },
  });
  const running = studio.run();
  await studio.recording.waitFor(
    (report) => report.kind === "follow-up" && report.title === "Which database?",
  );
  await studio.letGo();
  expect(await running).toMatchObject({ state: "done" });
  const status = await runGit(studio.folder, "-C", checkoutOf(studio), "status", "--porcelain");
  expect(status).toBe("");
});

test("the agent of an explore job gets the prompt as it came", async ({ expect }) => {
  const studio = await openExplore({ agent: `printf '%s' "$prompt" > prompt.txt; say ok` });
  await studio.run();
  expect(await readFile(join(checkoutOf(studio), "prompt.txt"), "utf8")).toBe("Fix the failing test.");
  expect(reportsOf(studio, "note").map(({ code }) => code)).not.toContain("structured-output");
});
