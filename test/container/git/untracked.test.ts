import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "vitest";
import { saveEdits } from "../../../container/git/save-edits.ts";
import { find, identity, openDesk, pushCommit, value } from "./desk.ts";

test("untracked files whose names fill more than any buffer do not hold back the push", async ({
  expect,
}) => {
  const desk = await openDesk();
  const commit = await desk.commit("work.txt");
  // 17 MB of names, each close to the longest path there is
  const folder = join(desk.outbox.worktree, ...Array.from({ length: 14 }, () => "d".repeat(250)));
  await mkdir(folder, { recursive: true });
  const count = 4_800;
  for (let at = 0; at < count; at += 1) await writeFile(join(folder, `file-${at}`), "");
  const work = await find(desk);
  const request = { head: commit, message: "Agent changes", identity, ours: [] };
  const saved = value(await saveEdits(desk.outbox, request));
  expect(saved).toMatchObject({ commit: null, untracked: { count } });
  expect(work).toMatchObject({ kind: "commit", commit });
  expect((await pushCommit(desk, commit)).ok).toBe(true);
  expect(await desk.host.inRepository("rev-parse", "cat/1")).toBe(commit);
  await desk.agent("add", "--all");
  const staged = value(await saveEdits(desk.outbox, request));
  expect(staged.untracked.count).toBe(0);
  expect(staged.commit).not.toBeNull();
});
