import { watch } from "node:fs";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { test } from "vitest";

const program = new URL("fixtures/guarded.ts", import.meta.url).pathname;

test("the guard of a killed process ends the group it guards and removes its folder", async ({ expect }) => {
  const dir = await mkdtemp(join(tmpdir(), "holt-guard-"));
  const folder = join(dir, "its own");
  await mkdir(folder);
  await writeFile(join(folder, "file"), "");
  const removed = once(watch(dir), "change");
  const parent = execa(process.execPath, [program, folder], { buffer: false, reject: false });
  await once(parent.stderr, "data");
  parent.kill("SIGKILL");
  // The group holds the other end of this pipe: it closes when the last of it is gone.
  await once(parent.stdout.resume(), "close");
  await removed;
  expect(await readdir(dir)).toEqual([]);
  await rm(dir, { recursive: true });
});
