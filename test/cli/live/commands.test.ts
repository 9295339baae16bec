// The packed command against a real Worker with the process engine: every command, what --json prints, and exit codes.
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { BoardPage, Card } from "../../../shared/board.ts";
import { afterAll, beforeAll, onTestFinished, test } from "vitest";
import {
  BoardReport,
  BundleReport,
  Complaint,
  EndLine,
  EventLine,
  WatchLine,
} from "../../../cli/json-shapes.ts";
import { fixFailingTest } from "../../../local/model/fix-failing-test.ts";
import { say } from "../../../local/model/script.ts";
import {
  DispatchAnswer,
  ExecutionView,
  ExtendAnswer,
  JobView,
  StopAnswer,
} from "../../../shared/job-view.ts";
import { dispatchWaiting } from "../../e2e/waiting-job.ts";
import { steering } from "../views.ts";
import { type Ground, jsonLines, one, openGround } from "./ground.ts";
import { printed, start } from "./packed.ts";

let ground: Ground;
beforeAll(async () => {
  ground = await openGround();
});
afterAll(() => ground.close());

test("a job is dispatched from a file, watched to its end, and read in every way afterwards", async ({
  expect,
}) => {
  const { world, dir, holt, jobFile } = ground;
  const path = await jobFile("all", world.job("exec_all", fixFailingTest));
  const watched = await holt(["dispatch", path, "--wait", "--label", "title=Fix the sample"]);
  expect(watched).toMatchObject({ exitCode: 0, stderr: "" });
  for (const part of [
    /phase {6}clone/,
    /tool {7}bash {3}failed/,
    /tool {7}bash {3}ok/,
    /ended {6}done/,
    /branch holt\/exec_all, pushed/,
  ]) {
    expect(watched.stdout).toMatch(part);
  }
  expect(watched.stdout).not.toMatch(steering);

  const again = await holt(["watch", "exec_all-coder", "--json"]);
  const lines = jsonLines(WatchLine, again.stdout);
  expect(again.exitCode).toBe(0);
  expect(lines.at(-1)).toMatchObject({
    kind: "end",
    job: { status: "done", labels: { title: "Fix the sample" } },
  });
  const logged = await world.events("exec_all-coder");
  expect(lines.slice(0, -1)).toEqual(logged.map((event) => ({ kind: "event", event })));

  const shown = await holt(["show", "exec_all-coder"]);
  expect(shown.stdout).toMatch(/^status {6}done\n/);
  expect(shown.stdout).toMatch(/labels {6}title=Fix the sample/);
  expect(one(JobView, (await holt(["show", "exec_all-coder", "--json", "--full"])).stdout).id).toBe(
    "exec_all-coder",
  );
  expect((await holt(["show", "exec_all"])).stdout).toMatch(/exec_all-coder {2}done/);
  expect(one(ExecutionView, (await holt(["show", "exec_all", "--json"])).stdout).jobs).toHaveLength(1);

  const events = await holt(["events", "exec_all", "--after", "3", "--limit", "2", "--json"]);
  expect(jsonLines(EventLine, events.stdout).map(({ event }) => event.cursor)).toEqual([4, 5]);
  expect((await holt(["events", "exec_all", "-n", "1"])).stdout).toMatch(/^ {5}1 {2}[\d:]{8} {2}dispatched/);
  const said = await holt(["logs", "exec_all-coder", "--stream", "harness"]);
  expect(said.stdout).toMatch(/^[\d:]{8} {2}harness {2}pushed [0-9a-f]{12} to holt\/exec_all\n$/);
  expect(jsonLines(EventLine, (await holt(["logs", "exec_all", "-n", "1", "--json"])).stdout)).toHaveLength(
    1,
  );

  const file = join(dir, "all.ndjson");
  const report = one(BundleReport, (await holt(["bundle", "exec_all", "-o", file, "--json"])).stdout);
  expect(report).toMatchObject({ ok: true, executionId: "exec_all", events: logged.length, jobs: 1 });
  expect((await holt(["bundle", "exec_all"])).stdout.split("\n").length).toBe(report.lines + 1);
  const taken = join(dir, "taken");
  await mkdir(taken);
  const refused = await holt(["bundle", "exec_all", "-o", taken]);
  expect(refused).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/taken cannot be written/) });
  expect((await readdir(dir)).filter((name) => name.startsWith("taken"))).toEqual(["taken"]);
  expect(await holt(["verify", file])).toMatchObject({
    exitCode: 0,
    stdout: expect.stringMatching(/^whole: exec_all, /),
  });
  const { bundle } = one(JobView, (await holt(["show", "exec_all-coder", "--json"])).stdout);
  const head = `${bundle?.cursor}:${bundle?.head}`;
  expect((await holt(["verify", file, "--head", head, "--json"])).exitCode).toBe(0);
  const foreign = await holt(["verify", "-", "--head", `${bundle?.cursor}:${"0".repeat(64)}`, "--json"], {
    input: await readFile(file, "utf8"),
  });
  expect(foreign.exitCode).toBe(1);
  expect(one(BundleReport, foreign.stdout).problem?.text).toMatch(/another hash than was kept/);
});

test("a job is dispatched from flags and from YAML, by another program, any number of times", async ({
  expect,
}) => {
  const { world, holt } = ground;
  const { repo, ghToken, sessionToken, ...spec } = world.job("exec_flags", fixFailingTest);
  const flags = [
    "--mode coding --model exec_flags --system Careful. --prompt Fix! --branch holt/flags --pr Fix",
    `--repo ${world.repository.cloneUrl} --base ${world.repository.baseBranch}`,
    `--set proxyBaseUrl=${world.standIns.model.url} --set githubApiBase=${world.standIns.github.url}`,
    "--set repo.provider=github --env ghToken=GIT --env sessionToken=MODEL --policy max-duration=20m",
  ].flatMap((line) => line.split(" "));
  const env = { GIT: String(ghToken), MODEL: String(sessionToken) };
  const first = await holt(["dispatch", ...flags, "--json"], { env });
  const { jobId, executionId, warnings } = one(DispatchAnswer, first.stdout);
  expect({ exitCode: first.exitCode, executionId, warnings }).toEqual({
    exitCode: 0,
    executionId: jobId.replace("-job", ""),
    warnings: undefined,
  });
  const ended = await holt(["watch", jobId]);
  expect(ended.exitCode).toBe(0);
  expect(one(JobView, (await holt(["show", jobId, "--json"])).stdout).policy.maxDurationMs).toBe(1_200_000);

  const yaml = `jobId: exec_yaml-coder\nspec: ${JSON.stringify({ ...spec, repo, ghToken, sessionToken, kind: undefined, jobId: undefined })}\n`;
  const end = await holt(["dispatch", "-", "-w", "--json"], { input: yaml });
  expect(end.exitCode).toBe(0);
  expect(one(JobView, end.stdout)).toMatchObject({ id: "exec_yaml-coder", status: "done", round: 1 });
  const finished = await holt(["dispatch", "-", "--json"], { input: yaml });
  expect(finished.exitCode).toBe(1);
  expect(one(Complaint, finished.stderr)).toMatchObject({ code: "already-finished", status: 409 });
  const anew = await holt(["dispatch", "-", "--again", "--wait", "--json"], { input: yaml });
  expect(one(JobView, anew.stdout)).toMatchObject({ status: "done", round: 2 });
});

test("a job that fails is told as failed, with what to do", async ({ expect }) => {
  const { world, holt, jobFile } = ground;
  const path = await jobFile(
    "failing",
    world.job("exec_failing", () => say("I would rather not.")),
  );
  const { exitCode, stdout } = await holt(["dispatch", path, "--wait"]);
  expect(exitCode).toBe(1);
  expect(stdout).toMatch(/\nended {7}done, with an error · result-error\n/);
  expect(stdout).toMatch(/\nblame {7}agent; the same dispatch may succeed\n/);
  expect(stdout).toMatch(/\nnext {8}Read result\.error;/);
});

test("a cancel shows its stages until the proof; whoever watched is told of it with exit code 3", async ({
  expect,
}) => {
  const { packed, holt, waitingJob, credentials } = ground;
  const { jobId } = await waitingJob("exec_stop");
  const watching = start(packed, ["watch", jobId, "--json"], { env: credentials });
  await printed(watching, (text) => text.includes('"tool-start"'));
  const cancelled = await holt(["cancel", "exec_stop", "--wait", "--reason", "not wanted"]);
  expect(cancelled.exitCode).toBe(0);
  const stages = [
    "cancel-requested not wanted",
    "stop-delivered",
    "sigterm",
    "signal-15-sent",
    "ended: self-stopped",
    "ended      cancelled",
  ];
  const places = stages.map((stage) => cancelled.stdout.indexOf(stage));
  expect(places).toEqual(places.toSorted((a, b) => a - b));
  expect(places[0]).toBeGreaterThan(0);
  const watched = await watching;
  expect(watched.exitCode).toBe(3);
  expect(jsonLines(WatchLine, watched.stdout).at(-1)).toMatchObject({
    kind: "end",
    job: { status: "cancelled" },
  });
  // What has ended is at an end, and a cancel of it is no failure.
  const late = await holt(["cancel", jobId, "--json"]);
  expect(late.exitCode).toBe(0);
  expect(one(StopAnswer, late.stdout)).toMatchObject({ jobId, status: "cancelled" });
  expect(one(JobView, (await holt(["cancel", jobId, "--wait", "--json"])).stdout).status).toBe("cancelled");
});

test("a cancel whose proof was given up ends with 1, as it does with --wait", async ({ expect }) => {
  const { world, holt } = ground;
  // The twenty minutes in which a death has to be proved are 24 s.
  const { gate, jobId } = await dispatchWaiting(world, "exec_unproven", { scale: 0.02 });
  const [container] = await world.containersOf(jobId);
  const letGo = world.standIns.engine.faults.holdRemovals(({ id }) => id === container?.id);
  onTestFinished(letGo);
  process.kill(container?.pid ?? expect.fail("a job at work without a process"), "SIGSTOP");
  const waited = await holt(["cancel", jobId, "--wait"]);
  expect(waited).toMatchObject({ exitCode: 1, stdout: expect.stringMatching(/ended {6}failed/) });
  const late = await holt(["cancel", jobId]);
  expect(late).toMatchObject({
    exitCode: 1,
    stdout:
      "exec_unproven-coder: failed; that its container is dead was never proved. holt show exec_unproven-coder\n",
  });
  letGo();
  await gate.close();
});

test("a deadline is moved from where it stands; one that does not stand is named", async ({ expect }) => {
  const { world, holt, waitingJob } = ground;
  const { jobId } = await waitingJob("exec_more");
  const before = (await world.view(jobId)).deadlines.find(({ name }) => name === "max-duration");
  const moved = await holt(["extend", "exec_more", "max-duration", "+30m", "--json"]);
  expect(one(ExtendAnswer, moved.stdout)).toEqual({
    jobId,
    deadline: "max-duration",
    at: (before?.at ?? 0) + 1_800_000,
  });
  const until = await holt(["extend", jobId, "inactivity", new Date(Date.now() + 3_600_000).toISOString()]);
  expect(until.stdout).toMatch(/inactivity stands at \d{4}-\d\d-\d\dT[\d:]{8}\+00:00, in 59m 5/);
  const absent = await holt(["extend", jobId, "preview", "+1h"]);
  expect(absent).toMatchObject({
    exitCode: 1,
    stdout: "",
    stderr: expect.stringMatching(/no deadline preview; what does: /),
  });
  expect((await world.events(jobId)).filter(({ kind }) => kind === "deadline-extended")).toHaveLength(2);

  // One that waits behind it shows the same deadlines, and none of them is its own.
  const next = world.job("exec_more", fixFailingTest, { jobId: "exec_more-next" });
  await world.dispatch(next);
  const early = await holt(["extend", "exec_more-next", "inactivity", "+30m"]);
  expect(early.stderr).toMatch(/is queued and has no deadline inactivity; none can be extended now/);
  const anHourOn = new Date(Date.now() + 3_600_000).toISOString();
  const ahead = await holt(["extend", "exec_more-next", "inactivity", anHourOn]);
  expect(ahead.stdout).toMatch(/inactivity will stand no earlier than .+, in 59m 5/);

  const released = await holt(["release", "exec_more", "--json"]);
  expect(released.exitCode).toBe(0);
  expect(one(StopAnswer, released.stdout)).toMatchObject({ state: "done" });
  expect(await world.view(jobId)).toMatchObject({
    outcome: { code: "released" },
    container: { running: false },
  });
});

test("the end of a watch as JSON is its last line", async ({ expect }) => {
  const { holt } = ground;
  const { stdout } = await holt(["watch", "exec_all", "--json"]);
  expect(EndLine.parse(JSON.parse(stdout.trim().split("\n").at(-1) ?? "")).job.status).toBe("done");
});

test("the jobs of a board are listed: those of a label, a status, or all", async ({ expect }) => {
  const { world, holt, jobFile } = ground;
  const path = await jobFile("listed", world.job("exec_listed", fixFailingTest));
  const flags = ["--board", "cli-ls", "--label", "title=Fix the sample", "--label", "team=a"];
  expect((await holt(["dispatch", path, "--wait", ...flags])).exitCode).toBe(0);
  for (let page = await boardPage("0"); !page.cards.some(({ status }) => status === "done");) {
    page = await boardPage(page.next);
  }
  const listed = await holt(["ls", "cli-ls"]);
  expect(listed).toMatchObject({ exitCode: 0, stderr: "" });
  expect(listed.stdout).toMatch(/^job .*\nexec_listed-coder {2}done .* {2}ended .* {2}Fix the sample\n$/);
  expect(
    one(Card, (await holt(["ls", "cli-ls", "-l", "team=a", "-s", "done", "--json"])).stdout),
  ).toMatchObject({
    jobId: "exec_listed-coder",
    outcome: { code: "done" },
  });
  for (const none of [["-l", "team=b"], ["--live"], ["-s", "failed"]]) {
    const { exitCode, stdout, stderr } = await holt(["ls", "cli-ls", ...none]);
    expect({ exitCode, stdout, stderr }).toEqual({
      exitCode: 0,
      stdout: "",
      stderr: "nothing on the board cli-ls is so\n",
    });
  }
  expect((await holt(["ls", "nobodys"])).stderr).toBe("nothing on the board nobodys\n");
});

test("the board is opened by a file that only its owner reads, and the token is no program's argument", async ({
  expect,
}) => {
  const { world, holt, dir } = ground;
  const bin = join(dir, "bin");
  const seen = join(dir, "opened.json");
  await mkdir(bin);
  // Tells what it was called with, and what it found there.
  const program = `#!${process.execPath}
const { readFileSync, statSync, writeFileSync } = require("node:fs");
const { dirname } = require("node:path");
const args = process.argv.slice(2);
const modes = [args[0], dirname(args[0])].map((path) => statSync(path).mode & 0o777);
writeFileSync(${JSON.stringify(seen)}, JSON.stringify({ args, modes, text: readFileSync(args[0], "utf8") }));
`;
  await writeFile(join(bin, "xdg-open"), program, { mode: 0o755 });
  const env = { PATH: `${bin}:${process.env["PATH"] ?? ""}`, DISPLAY: ":9", TMPDIR: dir };
  const url = `${world.url}/?board=cli-open#token=${world.secrets.token}`;

  const opened = await holt(["board", "cli-open", "--json"], { env });
  expect(opened).toMatchObject({ exitCode: 0, stderr: "" });
  expect(one(BoardReport, opened.stdout)).toEqual({ board: "cli-open", url, opened: true });
  const { args, modes, text } = JSON.parse(await readFile(seen, "utf8"));
  expect({ args, modes }).toEqual({ args: [expect.stringMatching(/\/board\.html$/)], modes: [0o600, 0o700] });
  expect(args.join()).not.toContain(world.secrets.token);
  expect(text).toContain(`content="0;url=${url}"`);
  expect((await holt(["board", "cli-open"], { env })).stdout).toBe(
    `the board cli-open is opened in the browser: ${world.url}/?board=cli-open\n`,
  );

  // Where nobody would see it, and where nothing opens it, the address is printed.
  for (const elsewhere of [{ DISPLAY: "" }, { CI: "true" }, { SSH_CONNECTION: "1" }]) {
    const { exitCode, stdout } = await holt(["board", "cli-open"], { env: { ...env, ...elsewhere } });
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: `${url}\n` });
  }
  await writeFile(join(bin, "xdg-open"), "#!/bin/sh\nexit 3\n", { mode: 0o755 });
  const failing = await holt(["board", "cli-open"], { env });
  expect(failing).toEqual({ exitCode: 0, stdout: `${url}\n`, stderr: "holt: xdg-open ended with 3\n" });
});

async function boardPage(since: string): Promise<BoardPage> {
  const response = await ground.world.fetch(`/v1/boards/cli-ls?since=${since}&wait=5`);
  return BoardPage.parse(await response.json());
}
