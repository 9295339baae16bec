import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { test } from "vitest";
import * as z from "zod";
import { makeFolder } from "../job-folder.ts";

const embed = new URL("../../../container/embed.ts", import.meta.url).pathname;

/** Imports a module and tells what that did to its process; nothing ends the process but that it has nothing to do. */
const observer = `
const ours = (stack) => stack.split("\\n").some((line) => /\\/(?:container|shared)\\//.test(line) && !line.includes("node_modules"));
const read = [];
const note = (name) => { if (ours(new Error().stack)) read.push(String(name)); };
process.env = new Proxy(process.env, {
  get: (target, name) => (note(name), target[name]),
  has: (target, name) => (note(name), name in target),
  ownKeys: (target) => (note("*"), Reflect.ownKeys(target)),
});
const listeners = () => process.eventNames().map((name) => [String(name), process.listenerCount(name)]);
// packages ask whether these are terminals, which opens them
void [process.stdin, process.stdout, process.stderr];
const before = { listeners: listeners(), active: process.getActiveResourcesInfo() };
const surface = Object.keys(await import(process.argv[1]));
const after = { listeners: listeners(), active: process.getActiveResourcesInfo() };
const report = { read, before, after, surface };
process.once("beforeExit", () => process.stdout.write(JSON.stringify(report)));
`;

const State = z.object({
  listeners: z.array(z.tuple([z.string(), z.number()])),
  active: z.array(z.string()),
});
const Report = z.object({
  read: z.array(z.string()),
  before: State,
  after: State,
  surface: z.array(z.string()),
});

test("importing the embedding surface reads no variable, opens nothing, and leaves nothing to wait for", async ({
  expect,
}) => {
  const folder = await makeFolder();
  const empty = join(folder, "empty");
  await mkdir(empty);
  const { stdout, stderr, exitCode } = await execa(
    process.execPath,
    ["--input-type=module", "--eval", observer, "--", embed],
    { cwd: empty, env: { HOME: empty, TMPDIR: empty }, extendEnv: false, stdin: "ignore", timeout: 20_000 },
  );
  const { read, before, after, surface } = Report.parse(JSON.parse(stdout));
  expect([exitCode, stderr]).toEqual([0, ""]);
  expect(read).toEqual([]);
  expect(after).toEqual(before);
  expect(await readdir(empty)).toEqual([]);
  expect(surface.toSorted()).toEqual([
    "addToTranscript",
    "createAgentReader",
    "createRedactor",
    "drivers",
    "emptyTranscript",
    "openChangeRequest",
    "openWorkspace",
    "runDriver",
  ]);
});
