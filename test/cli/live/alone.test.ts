// The packed command where no Worker is: what is packed, misuse, nobody at the other end, readers that leave early.
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, test } from "vitest";
import { BoardReport, Complaint } from "../../../cli/json-shapes.ts";
import { findFreePort } from "../../../local/free-port.ts";
import { listenOnLoopback } from "../../../local/http-server.ts";
import { type Packed, packHolt, run } from "./packed.ts";

let packed: Packed;
let dir: string;
beforeAll(async () => {
  packed = await packHolt();
  dir = await mkdtemp(join(tmpdir(), "holt-cli-files-"));
});
afterAll(async () => {
  await packed.close();
  await rm(dir, { recursive: true, force: true });
});

test("the package is one program without dependencies", async ({ expect }) => {
  expect(packed.files).toEqual([
    "package/LICENSE",
    "package/README.md",
    "package/holt.js",
    "package/package.json",
  ]);
  const help = await run(packed, []);
  expect(help).toMatchObject({ exitCode: 0, stderr: "", stdout: expect.stringMatching(/^holt: /) });
  expect((await run(packed, ["help", "watch"])).stdout).toBe((await run(packed, ["watch", "--help"])).stdout);
});

test("it runs under the machine's own Node, where that is an older one", async ({ expect }) => {
  const { stdout } = await execa("bash", ["-c", "type -ap node"]);
  const versions = await Promise.all(
    stdout.split("\n").map(async (node) => ({ node, version: (await execa(node, ["--version"])).stdout })),
  );
  const older = versions.find(({ version }) => /^v2[0-3]\./.test(version));
  if (older === undefined)
    process.stdout.write("(this machine has no Node 20 to 23: run under its own only)\n");
  const { exitCode, stdout: help } = await run(packed, ["help"], { node: older?.node ?? process.execPath });
  expect({ exitCode, help }).toEqual({ exitCode: 0, help: expect.stringMatching(/exit codes/) });
  const refused = await run(packed, ["show", "exec_1"], {
    node: older?.node ?? process.execPath,
    env: { HOLT_URL: `http://127.0.0.1:${await findFreePort(20_000)}`, HOLT_TOKEN: "t" },
  });
  expect(refused.exitCode).toBe(4);
});

test("in the repository it runs from its source", async ({ expect }) => {
  const root = new URL("../../../", import.meta.url).pathname;
  const { stdout } = await execa(process.execPath, ["cli/holt.mjs", "--version"], { cwd: root });
  expect(stdout).toBe("0.1.0");
});

const nowhere = { HOLT_URL: "http://127.0.0.1:9", HOLT_TOKEN: "t" };

test.for<[line: string, says: RegExp]>([
  ["fly", /'fly' is no command; `holt help` lists them/],
  ["help fly", /'fly' is no command/],
  ["show", /something is missing: holt show TARGET/],
  ["show a b", /'b' is too much/],
  ["show exec_1 --colour", /Unknown option '--colour'/],
  ["show exec_1 --url", /--url/],
  ["show exec_1 --url ftp://x", /is no http address/],
  ["show bad\u0007id", /is no job id: a job id is 1 to 256/],
  ["show ../x", /is no name of an execution: an execution is named by/],
  ["dispatch", /there is nothing to do/],
  ["dispatch no-such-file.json", /no-such-file\.json cannot be read/],
  ["dispatch --set mode=coding --execution a/b", /is no name of an execution/],
  ["extend exec_1 silence +1m", /'silence' cannot be extended; what can: inactivity/],
  ["extend exec_1 inactivity later", /neither a duration such as \+30m nor a time/],
  ["events exec_1 --after x", /--after takes a whole number/],
  ["logs exec_1 --stream x", /--stream is one of agent, harness, stderr/],
  ["watch exec_1 --retry-for x", /--retry-for takes a duration/],
  ["release exec_1-coder", /'exec_1-coder' is a job: holt release exec_1/],
  ["verify no-such-file", /cannot be read/],
  ["verify x --head 3", /--head takes CURSOR:HASH/],
  ["completion csh", /'csh' is no shell that holt knows/],
  ["login --token t", /no address/],
  ["ls Main", /'Main' is no name of a board: a board is named by 1 to 63/],
  ["board Main", /'Main' is no name of a board/],
  ["board a b", /'b' is too much/],
  ["ls -s working", /--status is one of queued, starting/],
])("misuse is told in words, with 2: holt %s", async ([line, says], { expect }) => {
  const args = line.split(" ");
  const env = args[0] === "login" ? {} : nowhere;
  const { exitCode, stdout, stderr } = await run(packed, args, { env });
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
  expect(stderr).toMatch(says);
  expect(stderr).not.toMatch(/ {4}at /);
});

test("without an address or a token it says where it looked", async ({ expect }) => {
  expect(await run(packed, ["show", "e"])).toMatchObject({
    exitCode: 2,
    stderr: expect.stringMatching(/HOLT_URL/),
  });
  const tokenless = await run(packed, ["show", "e"], { env: { HOLT_URL: "http://127.0.0.1:9" } });
  const asJson = await run(packed, ["show", "e", "--json"], { env: { HOLT_URL: "http://127.0.0.1:9" } });
  expect(Complaint.parse(JSON.parse(asJson.stderr))).toMatchObject({ code: "unauthorized" });
  expect(tokenless).toMatchObject({ exitCode: 5, stderr: expect.stringMatching(/HOLT_TOKEN/) });
});

test("a configuration that others can read is used, and complained of", async ({ expect }) => {
  const folder = join(dir, "exposed", "holt");
  await mkdir(folder, { recursive: true });
  const path = join(folder, "config.json");
  await writeFile(path, JSON.stringify({ url: nowhere.HOLT_URL, token: "t" }));
  await chmod(path, 0o644);
  const env = { XDG_CONFIG_HOME: join(dir, "exposed") };
  const exposed = await run(packed, ["show", "e"], { env });
  expect(exposed).toMatchObject({
    exitCode: 4,
    stderr: expect.stringMatching(/others can read .*: chmod 600 it/),
  });
  await writeFile(path, "{");
  expect(await run(packed, ["show", "e"], { env })).toMatchObject({
    exitCode: 2,
    stderr: expect.stringMatching(/is no configuration/),
  });
});

test("where nobody answers every command ends with 4", async ({ expect }) => {
  const url = `http://127.0.0.1:${await findFreePort(21_000)}`;
  for (const args of [
    ["dispatch", "--set", "mode=coding"],
    ["watch", "exec_1"],
    ["watch", "exec_1-coder"],
    ["show", "exec_1"],
    ["ls"],
    ["logs", "exec_1"],
    ["events", "exec_1"],
    ["events", "exec_1", "-f", "--retry-for", "1ms"],
    ["cancel", "exec_1", "-w"],
    ["extend", "exec_1", "preview", "+1m"],
    ["release", "exec_1"],
    ["bundle", "exec_1"],
    ["board"],
    ["login"],
  ]) {
    const { exitCode, stdout, stderr } = await run(packed, [...args, "--json"], {
      env: { ...nowhere, HOLT_URL: url },
    });
    expect({ args, exitCode, stdout }).toEqual({ args, exitCode: 4, stdout: "" });
    const last = stderr.trim().split("\n").at(-1) ?? "";
    expect(Complaint.parse(JSON.parse(last))).toMatchObject({ code: "unreachable", retryable: true });
  }
});

test("the address of a board is printed without asking anybody", async ({ expect }) => {
  const url = "http://127.0.0.1:9/holt/?board=main#token=t%26t";
  const env = { HOLT_URL: "http://127.0.0.1:9/holt", HOLT_TOKEN: "t&t", DISPLAY: ":9" };
  expect(await run(packed, ["board", "--print"], { env })).toEqual({
    exitCode: 0,
    stdout: `${url}\n`,
    stderr: "",
  });
  const { stdout } = await run(packed, ["board", "--print", "--json"], { env });
  expect(BoardReport.parse(JSON.parse(stdout))).toEqual({ board: "main", url, opened: false });
});

test("another server than Holt's is told as such, and a redirect takes no token along", async ({
  expect,
}) => {
  const seen: string[] = [];
  const other = await listenOnLoopback((request, response) => {
    seen.push(request.url ?? "");
    response.writeHead(302, { location: "/elsewhere" }).end("moved");
  });
  const { exitCode, stderr } = await run(packed, ["show", "exec_1"], {
    env: { ...nowhere, HOLT_URL: other.url },
  });
  await other.close();
  expect({ exitCode, seen }).toEqual({ exitCode: 4, seen: ["/v1/executions/exec_1"] });
  expect(stderr).toMatch(/HTTP 302 with an answer that is not of this API: moved \(unexpected-answer\)/);
});

test("a reader that leaves early is no failure to speak of", async ({ expect }) => {
  const event = { at: 1, kind: "phase", phase: "agent", jobId: null, attempt: 1, instance: null };
  const events = Array.from({ length: 1_000 }, (_, index) => ({ ...event, cursor: index + 1 }));
  const page = { executionId: "exec_1", events, next: 1_000, newest: 1_000_000, gaps: [] };
  // Endless: only the reader's going ends it.
  const server = await listenOnLoopback((_request, response) => {
    response.setHeader("content-type", "application/json").end(JSON.stringify(page));
    page.next += 1_000;
  });
  const line = `"${process.execPath}" "${packed.entry}" events exec_1 | head -1; echo "\${PIPESTATUS[0]}"`;
  const { stdout, stderr } = await execa("bash", ["-c", line], {
    env: { PATH: process.env["PATH"] ?? "", HOME: packed.home, TZ: "UTC", ...nowhere, HOLT_URL: server.url },
    extendEnv: false,
  });
  await server.close();
  expect({ stdout, stderr }).toEqual({
    stdout: "     1  00:00:00  phase             #1 agent\n141",
    stderr: "",
  });
});

test("a bundle that breaks off is told, and leaves no file", async ({ expect }) => {
  const half = '{"prev":null,"kind":"bundle","v":1,"executionId":"exec_1"}\n';
  const server = await listenOnLoopback((_request, response) => {
    response.writeHead(200, { "content-type": "application/x-ndjson" });
    response.write(half, () => response.destroy());
  });
  const file = join(dir, "half.ndjson");
  const env = { ...nowhere, HOLT_URL: server.url };
  const { exitCode, stderr } = await run(packed, ["bundle", "exec_1", "-o", file], { env });
  await server.close();
  expect({ exitCode, stderr }).toEqual({
    exitCode: 1,
    stderr: expect.stringMatching(/not whole: the connection broke off/),
  });
  const { stdout } = await execa("ls", [dir]);
  expect(stdout).not.toMatch(/half/);
});

test("a bundle is not begun where its file cannot be made", async ({ expect }) => {
  const asked = await listenOnLoopback((_request, response) => {
    response.writeHead(200, { "content-type": "application/x-ndjson" });
    response.end('{"prev":null,"kind":"bundle","v":1,"executionId":"exec_1"}\n');
  });
  const args = ["bundle", "exec_1", "-o", join(dir, "none", "x.ndjson"), "--json"];
  const { exitCode, stdout, stderr } = await run(packed, args, { env: { ...nowhere, HOLT_URL: asked.url } });
  await asked.close();
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
  expect(Complaint.parse(JSON.parse(stderr))).toMatchObject({
    code: "usage",
    error: expect.stringMatching(/none\/x\.ndjson cannot be written: ENOENT/),
  });
});
