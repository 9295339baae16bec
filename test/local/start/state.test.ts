import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test as base } from "vitest";
import { makeStateDir, openState } from "../../../local/state.ts";

const test = base.extend<{ dir: string }>({
  // oxlint-disable-next-line no-empty-pattern -- vitest reads the fixtures a fixture needs from the pattern
  dir: async ({}, use) => {
    const dir = await mkdtemp(join(tmpdir(), "holt-state-"));
    await use(dir);
    await rm(dir, { recursive: true, force: true });
  },
});

test("state is its owner's alone, also where the folder or the secrets were open to others", async ({
  expect,
  dir,
}) => {
  const state = join(dir, "state");
  await mkdir(state, { mode: 0o755 });
  makeStateDir(state);
  const { secrets } = openState(state, false);
  const path = join(state, "secrets.json");
  await writeFile(path, JSON.stringify(secrets));
  const { temporaryDir } = openState(state, false);
  for (const folder of [state, temporaryDir]) expect((await stat(folder)).mode & 0o777).toBe(0o700);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});

test("a start keeps secrets, storage and repositories, and what a killed one lent goes", async ({
  expect,
  dir,
}) => {
  const first = openState(dir, false);
  for (const name of ["worker", "repositories", "containers"]) await mkdir(join(dir, name));
  const second = openState(dir, false);
  expect(second.secrets).toEqual(first.secrets);
  expect(existsSync(first.temporaryDir)).toBe(false);
  expect((await readdir(dir)).toSorted()).toEqual(["repositories", "secrets.json", "tmp", "worker"]);
});

test("--fresh forgets all of it, and leaves alone what is not Holt's", async ({ expect, dir }) => {
  const before = openState(dir, false);
  for (const name of ["worker", "repositories", "my-thesis"]) await mkdir(join(dir, name));
  await writeFile(join(dir, "secrets.json"), "half a fi");
  expect(() => openState(dir, false)).toThrow(/`npm start -- --fresh` makes a new one/);
  const after = openState(dir, true);
  expect(after.secrets.token).not.toBe(before.secrets.token);
  expect(after.secrets.sealingKey).not.toBe(before.secrets.sealingKey);
  expect((await readdir(dir)).toSorted()).toEqual(["my-thesis", "secrets.json", "tmp"]);
});
