import { test } from "vitest";
import type { GitHost } from "../git-host.ts";
import { account, canSwitch } from "../separation/account.ts";
import { openStudio } from "./studio.ts";

const anew =
  "rm -rf .git; git init -q -b cat/1; git config user.name me; git config user.email me@example.invalid";

/** How an agent comes by a history that has nothing in common with the one it was given. */
const histories = {
  "makes the repository anew": `${anew}; git add -A; git commit -q -m All; echo edited > README.md; git commit -q -a -m Mine`,
  "amends the commit it was given": "echo edited > README.md; git commit -q -a --amend -m Mine",
} as const;

for (const [name, agent] of Object.entries(histories)) {
  test(`an agent that ${name} has its files on the commit it began with`, async ({ expect }) => {
    const studio = await openStudio({
      agent: `${agent}; say ok`,
      files: { "README.md": "hello\n", "a.txt": "a\n" },
    });
    expect(await studio.run()).toMatchObject({ state: "done", result: { pushed: true } });
    const codes = studio.recording.reported.map((report) => (report.kind === "note" ? report.code : null));
    expect(codes).toContain("history-joined");
    const { inRepository } = studio.host;
    expect(await inRepository("log", "--format=%s", "main..cat/1")).toBe("Mine");
    expect(await inRepository("merge-base", "main", "cat/1")).toBe(await inRepository("rev-parse", "main"));
    expect(await inRepository("diff", "--name-status", "main", "cat/1")).toBe("M\tREADME.md");
  });
}

const unborn = `${anew}; echo '*.log' > .git/info/exclude; git add -A`;

for (const [what, more] of [
  ["committed", "git commit -q -m Mine; echo later > a.txt"],
  ["not committed", "echo later > a.txt"],
] as const) {
  test(`a history begun anew and ${what} loses no file that is ignored and tracked all the same`, async ({
    expect,
  }) => {
    const studio = await openStudio({
      agent: `rm gone.log; echo edited > README.md; ${unborn}; ${more}; say ok`,
      files: { "README.md": "hello\n", "a.txt": "a\n" },
      // the harder case: what the outbox alone has is brought to where the files are read
      ...(canSwitch && { user: account }),
      before: async (host) => {
        await host.commitElsewhere("main", "kept.log");
        await host.commitElsewhere("main", "gone.log");
      },
    });
    expect(await studio.run()).toMatchObject({ state: "done", result: { pushed: true } });
    const changed = await studio.host.inRepository("diff", "--name-status", "main", "cat/1");
    expect(changed.split("\n").toSorted()).toEqual(["D\tgone.log", "M\tREADME.md", "M\ta.txt"]);
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
