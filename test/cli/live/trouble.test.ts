// The packed command where something is in the way: connections lost, hostile agents, wrong tokens, people who leave.
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, test } from "vitest";
import { Complaint, EventLine, LoginReport } from "../../../cli/json-shapes.ts";
import { fixFailingTest } from "../../../local/model/fix-failing-test.ts";
import { runInTurn } from "../../../local/model/script.ts";
import { findEvent } from "../../e2e/log.ts";
import { hostile, steering } from "../views.ts";
import { type Ground, jsonLines, one, openGround } from "./ground.ts";
import { printed, run, start, startInTerminal } from "./packed.ts";
import { openRelay } from "./relay.ts";

let ground: Ground;
beforeAll(async () => {
  ground = await openGround();
});
afterAll(() => ground.close());

test("the log goes on as a stream over a lost connection, each event once, until nothing lives", async ({
  expect,
}) => {
  const { world, packed, holt, waitingJob, credentials } = ground;
  const relay = await openRelay(world.url);
  const { gate, jobId } = await waitingJob("exec_flow");
  const env = { HOLT_URL: relay.url };
  const following = start(packed, ["events", jobId, "--follow", "--json"], {
    env: { ...credentials, ...env },
  });
  const watching = start(packed, ["watch", jobId], { env: { ...credentials, ...env } });
  await Promise.all([
    printed(following, (text) => text.includes('"tool-start"')),
    printed(watching, (text) => text.includes("phase      agent")),
  ]);
  const noticed = Promise.all([
    printed(following, (text) => text.includes("trying again")),
    printed(watching, (text) => text.includes("trying again")),
  ]);
  await relay.cut();
  await noticed;
  gate.open();
  await world.ended(jobId);
  await relay.mend();
  const [log, watched] = await Promise.all([following, watching]);
  await relay.cut();
  expect(log.exitCode).toBe(0);
  const cursors = jsonLines(EventLine, log.stdout).map(({ event }) => event.cursor);
  expect(cursors).toEqual(
    (await world.events(jobId)).filter((event) => event.jobId === jobId).map(({ cursor }) => cursor),
  );
  expect(watched.exitCode).toBe(0);
  expect(watched.stdout.match(/ended {6}done/g)).toHaveLength(1);
  expect((await holt(["logs", jobId, "-f"])).exitCode).toBe(0);
});

test("a stream of so many ends with the last of them, though its job goes on", async ({ expect }) => {
  const { world, holt, waitingJob } = ground;
  const { gate, jobId } = await waitingJob("exec_few");
  // All there are: what comes next comes when the gate opens.
  const all = (await world.events(jobId)).filter((event) => event.jobId === jobId).length;
  const few = await holt(["events", jobId, "--follow", "--limit", String(all), "--json"]);
  expect(few.exitCode).toBe(0);
  expect(jsonLines(EventLine, few.stdout)).toHaveLength(all);
  expect((await world.view(jobId)).state).toBe("running");
  const none = await holt(["events", jobId, "--follow", "--limit", "0"]);
  expect(none).toMatchObject({ exitCode: 0, stdout: "" });
  gate.open();
  await world.ended(jobId);
});

test("a connection that stays lost ends a watch with 4 when its time is over", async ({ expect }) => {
  const { world, packed, waitingJob, credentials } = ground;
  const relay = await openRelay(world.url);
  const { jobId } = await waitingJob("exec_lost");
  const watching = start(packed, ["watch", jobId, "--retry-for", "1s"], {
    env: { ...credentials, HOLT_URL: relay.url },
  });
  await printed(watching, (text) => text.includes("phase      agent"));
  await relay.cut();
  const { exitCode, stderr } = await watching;
  expect({ exitCode, stderr }).toEqual({
    exitCode: 4,
    stderr: expect.stringMatching(/cannot reach http:.*\(unreachable\)\n$/s),
  });
  expect(await world.cancel(jobId)).toMatchObject({ status: "cancelled" });
});

test("Ctrl-C ends a watch on a terminal; the job goes on, and the terminal is told so", async ({
  expect,
}) => {
  const { world, packed, waitingJob, credentials } = ground;
  const { gate, jobId } = await waitingJob("exec_leave");
  const watching = startInTerminal(packed, ["watch", jobId], { env: credentials });
  const seen = await printed(watching, (text) => /stops in \d+m/.test(text));
  expect(seen).toMatch(/running.* · phase agent · for /);
  expect(seen).toMatch(/at the latest in \d+m/);
  watching.stdin.write("\u0003");
  const { exitCode, stdout } = await watching;
  expect(exitCode).toBe(130);
  expect(stdout).toMatch(/Stopped watching; the job goes on\. `holt cancel exec_leave-coder` ends it\./);
  expect(await world.view(jobId)).toMatchObject({ status: "running" });
  gate.open();
  await world.ended(jobId);
  const plain = await startInTerminal(packed, ["show", jobId], { env: { ...credentials, NO_COLOR: "1" } });
  expect(plain.stdout).not.toContain("\u001B");
  const dressed = await startInTerminal(packed, ["show", jobId], { env: credentials });
  expect(dressed.stdout).toContain("\u001B[32mdone\u001B[39m");
});

test("what a hostile agent says reaches no terminal, in no command", async ({ expect }) => {
  const { world, holt, jobFile } = ground;
  const script = runInTurn(
    [`printf '\\033[2J\\033]0;owned\\007'; echo ${"x".repeat(3_000)}`],
    `${hostile}the end`,
  );
  const body = world.job("exec_evil", script, { noChangesIsError: false });
  const path = await jobFile("evil", body);
  const outputs = [await holt(["dispatch", path, "--wait", "--label", `title=${hostile.trim()}`])];
  for (const command of ["show", "logs", "events", "watch"]) {
    outputs.push(
      await holt([command, "exec_evil-coder"]),
      await holt([command, "exec_evil-coder", "--json"]),
    );
  }
  for (const { stdout, stderr, exitCode } of outputs) {
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/evil/);
    expect(`${stdout}${stderr}`).not.toMatch(steering);
  }
  const said = findEvent(await world.events("exec_evil-coder"), "output");
  expect(said).toBeDefined();
});

test("a wrong token ends every command with 5 and changes nothing", async ({ expect }) => {
  const { world, packed, holt, jobFile, waitingJob } = ground;
  const { jobId } = await waitingJob("exec_closed");
  // What the harness tells goes on meanwhile, each line with its number.
  const decided = async () => (await world.events(jobId)).filter(({ seq }) => seq === undefined);
  const before = await decided();
  expect(before).not.toEqual([]);
  const path = await jobFile("closed", world.job("exec_never", fixFailingTest));
  const env = { HOLT_TOKEN: "holt_wrong" };
  for (const args of [
    ["dispatch", path],
    ["dispatch", path, "--wait"],
    ["watch", jobId],
    ["show", jobId],
    ["show", "exec_closed"],
    ["logs", jobId, "-f"],
    ["events", jobId],
    ["events", jobId, "--follow"],
    ["cancel", jobId],
    ["cancel", jobId, "--wait"],
    ["extend", jobId, "inactivity", "+1h"],
    ["release", "exec_closed"],
    ["bundle", "exec_closed"],
    ["ls"],
    ["board"],
    ["login"],
  ]) {
    const { exitCode, stdout, stderr } = await holt([...args, "--json"], { env });
    expect({ args, exitCode, stdout }).toEqual({ args, exitCode: 5, stdout: "" });
    expect(one(Complaint, stderr)).toMatchObject({ code: "unauthorized", status: 401 });
  }
  expect(await decided()).toEqual(before);
  expect((await world.fetch("/v1/executions/exec_never")).status).toBe(404);
  await expect(stat(join(packed.home, ".config"))).rejects.toThrow(/ENOENT/);
  await world.cancel(jobId);
});

test("what does not exist ends with 1 and says which it is", async ({ expect }) => {
  const { holt } = ground;
  const { exitCode, stderr } = await holt(["show", "exec_none-coder"]);
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/^holt: .* \((?:execution|job)-not-found, request [\w.-]+\)\n$/);
});

test("login tries what it is given, stores it for its owner alone, and the token goes nowhere else", async ({
  expect,
}) => {
  const { world, packed, dir } = ground;
  const home = { XDG_CONFIG_HOME: join(dir, "config") };
  const env = { ...home, HOLT_TOKEN: "", HOLT_URL: "" };
  const path = join(dir, "config", "holt", "config.json");
  const login = await run(packed, ["login", "--url", world.url, "--json"], {
    env: home,
    input: `${world.secrets.token}\n`,
  });
  expect(login).toMatchObject({ exitCode: 0, stderr: "" });
  expect(one(LoginReport, login.stdout)).toEqual({ url: world.url, scope: "dispatch", path });
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect((await stat(join(dir, "config", "holt"))).mode & 0o777).toBe(0o700);
  const used = await run(packed, ["show", "exec_none-coder", "--json"], { env });
  expect(one(Complaint, used.stderr)).toMatchObject({ status: 404 });

  const relay = await openRelay(world.url);
  const elsewhere = await run(packed, ["show", "exec_none-coder", "--url", relay.url], { env });
  await relay.cut();
  expect(elsewhere).toMatchObject({ exitCode: 5, stderr: expect.stringMatching(/no token for http:/) });
  const wins = await run(packed, ["show", "exec_none-coder", "--token", "holt_wrong"], { env });
  expect(wins.exitCode).toBe(5);
});

test("a login that cannot be stored says so, and leaves nothing", async ({ expect }) => {
  const { world, packed, dir } = ground;
  const home = join(dir, "unwritable");
  await mkdir(home);
  // A file stands where the folder would be.
  await writeFile(join(home, "holt"), "");
  const args = ["login", "--url", world.url, "--token", world.secrets.token, "--json"];
  const { exitCode, stdout, stderr } = await run(packed, args, { env: { XDG_CONFIG_HOME: home } });
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
  expect(one(Complaint, stderr)).toMatchObject({
    code: "usage",
    error: expect.stringMatching(/config\.json cannot be written: /),
  });
  expect(await readdir(home)).toEqual(["holt"]);
});

test("at a terminal login asks, and does not show the token", async ({ expect }) => {
  const { world, packed, dir } = ground;
  const env = { XDG_CONFIG_HOME: join(dir, "asked") };
  const asking = startInTerminal(packed, ["login"], { env });
  await printed(asking, (text) => text.includes("Address: "));
  asking.stdin.write(`${world.url}\r`);
  await printed(asking, (text) => text.includes("Token: "));
  asking.stdin.write(`${world.secrets.token}\r`);
  const { exitCode, stdout } = await asking;
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/the token may read and dispatch; stored in /);
  expect(stdout).not.toContain(world.secrets.token);
  expect(await readFile(join(dir, "asked", "holt", "config.json"), "utf8")).toContain(world.secrets.token);
});
