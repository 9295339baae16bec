import { execFile } from "node:child_process";
import { rm, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { test } from "vitest";
import { saveEdits } from "../../../container/git/save-edits.ts";
import { type Desk, find, identity, openDesk, value } from "./desk.ts";

const at = (desk: Desk, name: string): string => join(desk.outbox.worktree, name);

const save = (desk: Desk, head: string) =>
  saveEdits(desk.outbox, { head, message: "Agent changes", identity, ours: [".cat-context/"] });

const contentOf = (desk: Desk, commit: string | null, path: string): Promise<string> =>
  desk.outbox.git
    .try(["show", `${commit}:${path}`], { cwd: desk.outbox.folder, timeoutMs: 10_000 })
    .then(({ stdout }) => stdout);

/** Files whose commit is not what git would make of them by the attributes that are committed beside them. */
const disagreements = {
  "line ends": { attributes: "text", content: "a\r\nb\r\n", edited: "a\r\nc\r\n", saved: "a\nc\n" },
  "an expanded name": {
    attributes: "ident",
    content: "$Id: 1 $\n",
    edited: "$Id: 1 $\n2\n",
    saved: "$Id$\n2\n",
  },
} as const;

for (const [what, { attributes, content, edited, saved }] of Object.entries(disagreements)) {
  test(`a file that differs from its own commit by ${what} is no edit, until somebody edits it`, async ({
    expect,
  }) => {
    const desk = await openDesk();
    await writeFile(at(desk, "a.txt"), content);
    await writeFile(at(desk, "b.txt"), content);
    await desk.agent("add", "a.txt", "b.txt");
    await writeFile(at(desk, ".gitattributes"), `*.txt ${attributes}\n`);
    await desk.agent("add", ".gitattributes");
    await desk.agent("commit", "-q", "-m", "Add");
    for (const name of ["a.txt", "b.txt"]) {
      await rm(at(desk, name));
      await desk.agent("checkout", "--", name);
      await utimes(at(desk, name), 1, 1);
    }
    const head = (await find(desk)).tips.head ?? "";
    expect(value(await save(desk, head)).commit).toBeNull();
    await writeFile(at(desk, "a.txt"), edited);
    const { commit } = value(await save(desk, head));
    expect(await contentOf(desk, commit, "a.txt")).toBe(saved);
    expect(await contentOf(desk, commit, "b.txt")).toBe(content);
  });
}

test("what is staged of submodules is committed: a new one, another commit, a removal", async ({
  expect,
}) => {
  const desk = await openDesk();
  const [one, two] = ["1".repeat(40), "2".repeat(40)];
  await desk.agent("update-index", "--add", "--cacheinfo", `160000,${one},moved`);
  await desk.agent("update-index", "--add", "--cacheinfo", `160000,${one},removed`);
  await desk.agent("commit", "-q", "-m", "Add");
  await desk.agent("update-index", "--add", "--cacheinfo", `160000,${two},moved`);
  await desk.agent("update-index", "--add", "--cacheinfo", `160000,${two},new`);
  await desk.agent("update-index", "--force-remove", "removed");
  const { tips } = await find(desk);
  const { commit } = value(await save(desk, tips.head ?? ""));
  const listed = await desk.outbox.git.try(["ls-tree", commit ?? ""], {
    cwd: desk.outbox.folder,
    timeoutMs: 10_000,
  });
  expect(listed.stdout.match(/160000.*/g)).toEqual([
    `160000 commit ${two}\tmoved`,
    `160000 commit ${two}\tnew`,
  ]);
});

test("files that git cannot take are named, and the other edits are saved", async ({ expect }) => {
  const names = ["a", "b", "c", "d", "e"].map((name) => `${name}.txt`);
  const desk = await openDesk(Object.fromEntries(names.map((name) => [name, "old\n"])));
  for (const name of names) await writeFile(at(desk, name), "edited\n");
  for (const name of ["b.txt", "e.txt"]) {
    await rm(at(desk, name));
    await promisify(execFile)("mkfifo", [at(desk, name)]);
  }
  await find(desk);
  const { commit, refused } = value(await save(desk, desk.start));
  expect(refused).toEqual([
    expect.stringContaining("b.txt: unsupported file type"),
    expect.stringContaining("e.txt: unsupported file type"),
  ]);
  for (const name of ["a.txt", "c.txt", "d.txt"]) {
    expect(await contentOf(desk, commit, name)).toBe("edited\n");
  }
  expect(await contentOf(desk, commit, "b.txt")).toBe("old\n");
});

test("line ends that the agent converted are an edit", async ({ expect }) => {
  const desk = await openDesk();
  await writeFile(at(desk, "a.txt"), "a\r\nb\r\n");
  await desk.agent("add", "a.txt");
  await writeFile(at(desk, ".gitattributes"), "*.txt text\n");
  await desk.agent("add", ".gitattributes");
  await desk.agent("commit", "-q", "-m", "Add");
  await writeFile(at(desk, "a.txt"), "a\nb\n");
  const { commit } = value(await save(desk, (await find(desk)).tips.head ?? ""));
  expect(await contentOf(desk, commit, "a.txt")).toBe("a\nb\n");
});

test("edits of somebody else's checkout are a failure where there is no room to look at them", async ({
  expect,
}) => {
  const desk = await openDesk();
  await writeFile(at(desk, "README.md"), "edited\n");
  const user = { name: "somebody", uid: 1, gid: 1 };
  // no folder can be made below a file
  const owner = { user, passage: at(desk, "README.md"), server: "/nonexistent" };
  expect(await save({ ...desk, outbox: { ...desk.outbox, owner } }, desk.start)).toMatchObject({
    ok: false,
    failure: { cause: "git", text: expect.stringContaining("ENOTDIR") },
  });
});
