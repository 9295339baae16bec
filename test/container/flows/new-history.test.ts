import { test } from "vitest";
import type { GitHost } from "../git-host.ts";
import { openStudio } from "./studio.ts";

const anew =
  "rm -rf .git; git init -q -b cat/1; git config user.name me; git config user.email me@example.invalid";

/** How an agent comes by a history that has nothing in common with the one it was given. */
const histories = {
  "makes the repository anew": `${anew}; echo edited > README.md; git add -A; git commit -q -m Mine`,
  "makes the repository anew in several commits": `${anew}; git add -A; git commit -q -m All; echo edited > README.md; git commit -q -a -m Mine`,
  "makes the repository anew and edits on": `${anew}; git add -A; git commit -q -m Mine; echo edited > README.md`,
  "makes the repository anew and commits nothing": `${anew}; echo edited > README.md; git add -A`,
  "amends the commit it was given": "echo edited > README.md; git commit -q -a --amend -m Mine",
} as const;

for (const [name, agent] of Object.entries(histories)) {
  test(`an agent that ${name} has its files on the commit it began with`, async ({ expect }) => {
    const studio = await openStudio({
      agent: `${agent}; say ok`,
      files: { "README.md": "hello\n", "a.txt": "a\n" },
      job: { commitMessage: "Mine" },
    });
    expect(await studio.run()).toMatchObject({ state: "done", result: { pushed: true } });
    const notes = studio.recording.reported.filter((report) => report.kind === "note");
    // without a commit there is no history, and the files are edits
    const isJoined = notes.some(({ code }) => code === "history-joined");
    expect(isJoined).toBe(!name.includes("commits nothing"));
    const { inRepository } = studio.host;
    expect(await inRepository("log", "--format=%s", "main..cat/1")).toBe("Mine");
    expect(await inRepository("merge-base", "main", "cat/1")).toBe(await inRepository("rev-parse", "main"));
    expect(await inRepository("diff", "--name-status", "main", "cat/1")).toBe("M\tREADME.md");
  });
}

test("a history that was begun anew with the same files is no work", async ({ expect }) => {
  const studio = await openStudio({ agent: `${anew}; git add -A; git commit -q -m Mine; say ok` });
  expect(await studio.run()).toMatchObject({ result: { pushed: false, failureCause: "no-changes" } });
  expect(studio.host.server.pushes()).toEqual([]);
});

const before = async (host: GitHost): Promise<void> => {
  await host.commitElsewhere("cat/1", "first.txt", "main");
  await host.commitElsewhere("cat/1", "second.txt");
};

/** How an agent comes by work that does not go on from what the branch had. */
const detours = {
  "squashes the last commit with its own":
    "git reset -q --soft HEAD~1; echo edited > README.md; git commit -q -a -m Mine",
  "edits at an older commit": "git checkout -q HEAD~1; echo edited > README.md",
  "commits at an older commit": "git checkout -q HEAD~2; echo edited > README.md; git commit -q -a -m Mine",
  "begins the branch at an older commit":
    "git checkout -q -B cat/1 HEAD~2; echo edited > README.md; git commit -q -a -m Mine",
} as const;

for (const [name, agent] of Object.entries(detours)) {
  test(`an agent that ${name} undoes nothing that the branch had before`, async ({ expect }) => {
    const studio = await openStudio({
      agent: `${agent}; say ok`,
      before,
      job: { commitMessage: "Mine" },
    });
    expect(await studio.run()).toMatchObject({ state: "done", result: { pushed: true } });
    const { inRepository } = studio.host;
    expect(await inRepository("log", "--format=%s", "main..cat/1")).toBe(
      "Mine\nAdd second.txt\nAdd first.txt",
    );
    expect(await inRepository("diff", "--name-status", "cat/1~1", "cat/1")).toBe("M\tREADME.md");
    const codes = studio.recording.reported.map((report) => (report.kind === "note" ? report.code : null));
    expect(codes).toContain("history-kept");
  });
}

test("work from an older commit that conflicts with what the branch had is a failure, and undoes nothing", async ({
  expect,
}) => {
  const studio = await openStudio({
    agent: "git checkout -q HEAD~1; echo mine > second.txt; git add .; git commit -q -m Mine; say ok",
    before,
  });
  expect(await studio.run()).toMatchObject({
    state: "failed",
    failureCause: "git",
    result: { pushed: false },
  });
  const log = await studio.host.inRepository("log", "--format=%s", "main..cat/1");
  expect(log).toBe("Add second.txt\nAdd first.txt");
});
