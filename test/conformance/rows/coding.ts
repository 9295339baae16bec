/** Ordinary coding jobs: what is pushed where, and what is not. */

import { demand, demandMatch, demandSame } from "../demand.ts";
import { group } from "../row.ts";
import { behave, commit, emit, identity } from "../world/behaviour.ts";
import { piSays } from "../world/events.ts";
import { demandSuccess } from "../world/job.ts";
import { type Kit, type Plan, shared } from "../world/kit.ts";
import { noOp } from "./failures.ts";
import { field } from "./protocol.ts";

const says = (text: string): string => emit(...piSays(text));

/** A coding job on a new branch of its own. */
async function code(kit: Kit, behaviour: string, plan: Partial<Plan> = {}) {
  const newBranch = kit.fresh("work");
  const fields = { newBranch, ...plan.fields };
  const ended = await kit.run({ ...plan, mode: "coding", behaviour, fields });
  return { ...ended, newBranch };
}

/** Commits a file, leaves an edit and a new file uncommitted. */
const coded = shared((kit: Kit) =>
  code(
    kit,
    behave(
      commit("new.txt", "new"),
      "echo edited >> README.md",
      "echo scratch > scratch.txt",
      says("made it"),
    ),
    { fields: { commitMessage: "Keep the rest" } },
  ),
);

export const codingRows = group("coding", [
  {
    id: "coding-pushed",
    title: "the agent's commits are pushed to the new branch, which goes on from the old one",
    check: async (kit) => {
      const { view, newBranch } = await coded(kit);
      const { result } = view;
      demandSuccess(view);
      demandSame("pushed", [field(result, "pushed"), field(result, "branch")], [true, newBranch]);
      demandSame("summary", result?.summary, "made it");
      demandSame("new.txt", await kit.repositories.file(newBranch, "new.txt"), "new");
      const base = await kit.repositories.git("app", "merge-base", "main", newBranch);
      demandSame("where it goes on from", base, await kit.repositories.head("main"));
    },
  },
  {
    id: "coding-left-edits",
    title: "edits of tracked files are committed for the agent, untracked files stay behind",
    check: async (kit) => {
      const { newBranch } = await coded(kit);
      demandMatch("README.md", await kit.repositories.file(newBranch, "README.md"), /edited$/);
      const message = await kit.repositories.git("app", "log", "-1", "--format=%s", newBranch);
      demandSame("message", message, "Keep the rest");
      demandSame("scratch.txt", await kit.repositories.file(newBranch, "scratch.txt"), undefined);
    },
  },
  {
    id: "coding-pull-request",
    title: "a pull request is opened with title, text, head and base, once",
    check: async (kit) => {
      const behaviour = behave(commit("new.txt", "new"), says("made it"));
      const { view, newBranch } = await code(kit, behaviour, { fields: { pr: { title: "T", body: "B" } } });
      const pulls = kit.hosting.good.pulls().filter(({ head }) => head === newBranch);
      const opened = pulls.map(({ title, body, base }) => [title, body, base]);
      demandSame("pull requests", opened, [["T", "B", "main"]]);
      demandSame("prUrl", field(view.result, "prUrl"), pulls[0]?.htmlUrl);
      demandSame("pushed", field(view.result, "pushed"), true);
    },
  },
  {
    id: "coding-no-op",
    title: "a job without changes makes no branch",
    check: async (kit) => {
      const { view, newBranch } = await noOp(kit);
      const { result } = view;
      demandSame("result", [field(result, "pushed"), field(result, "branch")], [false, newBranch]);
      demandSame("the branch", await kit.repositories.head(newBranch), undefined);
    },
  },
  {
    id: "coding-no-op-allowed",
    title: "with noChangesIsError false a job without changes is a success, and opens no pull request",
    check: async (kit) => {
      const fields = { noChangesIsError: false, pr: { title: "T" } };
      const { view, newBranch } = await code(kit, behave(says("nothing")), { fields });
      demandSuccess(view);
      demandSame("pushed", field(view.result, "pushed"), false);
      demandSame("the branch", await kit.repositories.head(newBranch), undefined);
      const heads = kit.hosting.good.pulls().map(({ head }) => head);
      demand(!heads.includes(newBranch), "no pull request", heads);
    },
  },
  {
    id: "coding-resumed",
    title: "a new branch that the remote has already is gone on with",
    check: async (kit) => {
      const newBranch = kit.fresh("resumed");
      await kit.repositories.branch({ name: newBranch, from: "main", files: { "before.txt": "before" } });
      const before = await kit.repositories.head(newBranch);
      const behaviour = behave('cp before.txt "$KIT/seen"', commit("after.txt", "after"), says("went on"));
      const { view, job } = await code(kit, behaviour, { fields: { newBranch } });
      demandSuccess(view);
      demandSame("pushed", field(view.result, "pushed"), true);
      demandMatch("what was there", await job.place.read("seen"), /^before/);
      const parent = await kit.repositories.git("app", "rev-parse", `${newBranch}~1`);
      demandSame("the commit before", parent, before);
    },
  },
  {
    id: "coding-in-place",
    title: "without a new branch the agent's work goes onto the branch itself",
    check: async (kit) => {
      const branch = kit.fresh("fixed");
      await kit.repositories.branch({ name: branch, from: "main", files: { "broken.txt": "broken" } });
      const behaviour = behave(commit("fix.txt", "fix"), says("fixed"));
      const { view } = await kit.run({ mode: "coding", behaviour, fields: { branch } });
      demandSuccess(view);
      demandSame("branch", field(view.result, "branch"), branch);
      demandSame("fix.txt", await kit.repositories.file(branch, "fix.txt"), "fix");
    },
  },
  {
    id: "other-branch",
    title: "work that the agent did on a branch of its own reaches the job's",
    defects: [8],
    check: async (kit) => {
      const behaviour = behave("git checkout -q -b my-own", commit("new.txt", "new"), says("made it"));
      const { newBranch } = await code(kit, behaviour);
      demandSame("new.txt on the job's branch", await kit.repositories.file(newBranch, "new.txt"), "new");
    },
  },
  {
    id: "coding-context-files",
    title: "linked files are there for a coding job too, and in no commit",
    defects: [9],
    check: async (kit) => {
      const behaviour = behave(
        'cp .cat-context/notes.md "$KIT/seen"',
        commit("new.txt", "new"),
        says("made it"),
      );
      const fields = { contextFiles: [{ path: "notes.md", content: "linked\n" }] };
      const { job, newBranch } = await code(kit, behaviour, { fields });
      demandSame("linked file", await job.place.read("seen"), "linked\n");
      const files = await kit.repositories.git("app", "ls-tree", "-r", "--name-only", newBranch);
      demand(!files.includes(".cat-context"), "no linked file in the commits", files);
    },
  },
  {
    id: "exact-branch",
    title: "a remote branch is the one of exactly that name",
    defects: [10],
    check: async (kit) => {
      const newBranch = kit.fresh("tail");
      await kit.repositories.branch({ name: `kit/${newBranch}`, from: "main", files: { "x.txt": "x" } });
      const behaviour = behave(commit("new.txt", "new"), says("made it"));
      const { view } = await code(kit, behaviour, { fields: { newBranch } });
      demandSuccess(view);
      demandSame("new.txt", await kit.repositories.file(newBranch, "new.txt"), "new");
    },
  },
  {
    id: "resumed-no-op",
    title: "a resumed branch to which nothing was added is no success",
    defects: [11],
    check: async (kit) => {
      const newBranch = kit.fresh("idle");
      await kit.repositories.branch({ name: newBranch, from: "main", files: { "x.txt": "x" } });
      const { view } = await code(kit, behave(says("nothing")), {
        fields: { newBranch, pr: { title: "T" } },
      });
      demandMatch("result.error", view.result?.error, /^the agent produced no file changes/);
      const heads = kit.hosting.good.pulls().map(({ head }) => head);
      demand(!heads.includes(newBranch), "no pull request", heads);
    },
  },
  {
    id: "hooks",
    title: "no hook that lies in the checkout runs in the harness's git",
    defects: [18, 41],
    check: async (kit) => {
      const hook = (name: string): string =>
        [
          `printf '#!/bin/sh\\nenv > "%s"\\nexit 1\\n' "$KIT/hook-${name}" > .git/hooks/${name}`,
          `chmod +x .git/hooks/${name}`,
        ].join("\n");
      const behaviour = behave(
        commit("new.txt", "new"),
        "mkdir -p .git/hooks",
        hook("pre-commit"),
        hook("pre-push"),
        "echo edited >> README.md",
        says("made it"),
      );
      const { view, job, newBranch } = await code(kit, behaviour);
      for (const name of ["pre-commit", "pre-push"])
        demandSame(`what ${name} saw`, await job.place.read(`hook-${name}`), undefined);
      demandSuccess(view);
      demandMatch("README.md", await kit.repositories.file(newBranch, "README.md"), /edited$/);
    },
  },
  {
    id: "full-history",
    title: "full brings a coding job the whole history",
    defects: [21],
    check: async (kit) => {
      const behaviour = behave(
        'git rev-list --count HEAD > "$KIT/count"',
        `git ${identity} commit -q --allow-empty -m more`,
        says("made it"),
      );
      const { job } = await code(kit, behaviour, { fields: { full: true } });
      const count = await kit.repositories.git("app", "rev-list", "--count", "main");
      demandSame("commits that the agent saw", (await job.place.read("count"))?.trim(), count);
    },
  },
]);
