import { existsSync } from "node:fs";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { test } from "vitest";
import { folderNameOf, sweepPredecessors } from "../../../container/registry/predecessors.ts";
import { makeFolder, realClock } from "../job-folder.ts";

const host = "this-machine.example";
const self = { pid: process.pid, host };
const log = { write: () => undefined, child: () => log };

/** The id of a process that has ended. */
async function goneId(): Promise<number> {
  const child = execa("true");
  await child;
  return child.pid ?? 0;
}

test("what a harness that was killed left at work is ended, and its folders are removed", async ({
  expect,
}) => {
  const tmpDir = await makeFolder();
  const folder = join(tmpDir, folderNameOf({ pid: await goneId(), host }, "a1"));
  await mkdir(join(folder, "checkout"), { recursive: true });
  await writeFile(join(folder, "auth.json"), "{}");
  const agent = execa("sleep", ["1000"], { cwd: join(folder, "checkout"), detached: true, reject: false });
  await sweepPredecessors({ tmpDir, self, user: null, clock: realClock, log });
  expect((await agent).signal).toBe("SIGKILL");
  expect(existsSync(folder)).toBe(false);
});

test("folders of a harness that lives, of another host, and of nobody known stay as they are", async ({
  expect,
}) => {
  const tmpDir = await makeFolder();
  const gone = await goneId();
  const elsewhere = await makeFolder();
  const kept = [
    folderNameOf({ pid: process.ppid, host }, "a1"),
    folderNameOf({ pid: gone, host: "another-machine" }, "a2"),
    "holt-job-old",
    "somebody-elses",
  ];
  for (const name of kept) await mkdir(join(tmpDir, name));
  const link = folderNameOf({ pid: gone, host }, "a3");
  await symlink(elsewhere, join(tmpDir, link));
  await sweepPredecessors({ tmpDir, self, user: null, clock: realClock, log });
  for (const name of [...kept, link]) expect(existsSync(join(tmpDir, name))).toBe(true);
});
