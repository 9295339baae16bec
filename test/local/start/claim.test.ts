import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { test as base } from "vitest";
import { claimState } from "../../../local/claim.ts";

const test = base.extend<{ dir: string }>({
  // oxlint-disable-next-line no-empty-pattern -- vitest reads the fixtures a fixture needs from the pattern
  dir: async ({}, use) => {
    const dir = await mkdtemp(join(tmpdir(), "holt-claim-"));
    await use(dir);
    await rm(dir, { recursive: true, force: true });
  },
});

test("a claimed folder is taken until it is released, and says where its holder answers", async ({
  expect,
  dir,
}) => {
  const first = claimState(dir);
  expect(claimState(dir)).toEqual({ kind: "taken", pid: process.pid, url: null });
  if (first.kind === "held") first.announce("http://127.0.0.1:8787");
  expect(claimState(dir)).toEqual({ kind: "taken", pid: process.pid, url: "http://127.0.0.1:8787" });
  if (first.kind === "held") first.release();
  expect(claimState(dir).kind).toBe("held");
  expect(await readdir(dir)).toEqual(["running.json"]);
});

test("the mark of a process that ended, of a later one with its id, and half a mark are none", async ({
  expect,
  dir,
}) => {
  const path = join(dir, "running.json");
  const { pid: ended } = execa(process.execPath, ["--version"]);
  await execa(process.execPath, ["--version"]);
  const marks = [
    JSON.stringify({ pid: ended, born: null, url: null }),
    JSON.stringify({ pid: process.pid, born: "1", url: "http://127.0.0.1:8787" }),
    '{"pid":',
    "",
  ];
  for (const mark of marks) {
    await writeFile(path, mark);
    const claim = claimState(dir);
    expect(claim.kind, mark).toBe("held");
    expect(JSON.parse(await readFile(path, "utf8"))).toMatchObject({ pid: process.pid });
    if (claim.kind === "held") claim.release();
  }
});

test("of several starts at once on a dead mark one gets the folder", async ({ expect, dir }) => {
  await writeFile(join(dir, "running.json"), '{"pid":1,"born":"0","url":null}');
  const module = new URL("../../../local/claim.ts", import.meta.url).href;
  const program = `
    const { claimState } = await import(${JSON.stringify(module)});
    process.stdin.once("data", () => process.stdout.write(claimState(${JSON.stringify(dir)}).kind));
    process.stdout.write("ready");
  `;
  const racers = Array.from({ length: 4 }, () =>
    execa(process.execPath, ["--input-type=module", "--eval", program], { buffer: false }),
  );
  const said = (racer: (typeof racers)[number]): Promise<string> =>
    new Promise((resolve) => {
      racer.stdout.once("data", (data) => resolve(String(data)));
    });
  await Promise.all(racers.map(said));
  const answers = racers.map(said);
  for (const racer of racers) racer.stdin.write("go");
  const kinds = await Promise.all(answers);
  expect(kinds.toSorted()).toEqual(["held", "taken", "taken", "taken"]);
  for (const racer of racers) racer.stdin.end();
  await Promise.all(racers);
});
