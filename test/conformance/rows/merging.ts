/** Conflict resolution, new repositories, previews. */

import { demand, demandMatch, demandSame } from "../demand.ts";
import { group } from "../row.ts";
import { behave, commit, emit, identity } from "../world/behaviour.ts";
import { piSays } from "../world/events.ts";
import { demandSuccess } from "../world/job.ts";
import { type Kit, shared } from "../world/kit.ts";
import { field } from "./protocol.ts";

const idle = { toolCalls: 0, assistantChars: 0 };
const says = (text: string): string => emit(...piSays(text));

/** Merges main into a branch that `files` made off the commit before main's last. */
async function merge(kit: Kit, files: Readonly<Record<string, string>>, behaviour = "exit 9") {
  const branch = kit.fresh("merged");
  await kit.repositories.branch({ name: branch, from: "main~1", files });
  const before = await kit.repositories.head(branch);
  const ended = await kit.run({ mode: "coding", behaviour, fields: { branch, mergeBase: "main" } });
  const after = await kit.repositories.head(branch);
  return { ...ended, branch, before, after };
}

/** `shared.txt` was changed on both sides. */
const conflict = { "shared.txt": "branch\n" };

async function demandUnpushed(merged: Awaited<ReturnType<typeof merge>>): Promise<void> {
  const { view, before, after } = merged;
  demandMatch("result.error", view.result?.error, /^The agent did not resolve all merge conflicts \(/);
  demandSame("pushed", field(view.result, "pushed"), false);
  demandSame("the branch", after, before);
}

/** Makes a repository off main, or off nothing. */
async function bootstrap(kit: Kit, behaviour: string, fromScratch = false) {
  const name = kit.fresh("new");
  await kit.repositories.empty(name);
  const target = { owner: "kit", name, cloneUrl: kit.repositories.cloneUrl(name), defaultBranch: "trunk" };
  const fields = { bootstrap: { target, ...(fromScratch && { fromScratch }) } };
  return { ...(await kit.run({ mode: "coding", behaviour, fields })), name };
}

const noBootstrap = shared((kit: Kit) => bootstrap(kit, behave(says("nothing"))));

export const mergingRows = group("merging", [
  {
    id: "merge-nothing",
    title: "a branch that has its base already is left as it is",
    check: async (kit) => {
      const branch = kit.fresh("current");
      await kit.repositories.branch({ name: branch, from: "main", files: { "x.txt": "x" } });
      const fields = { branch, mergeBase: "main" };
      const { view } = await kit.run({ mode: "coding", behaviour: "exit 9", fields });
      demandSame("result", view.result, {
        pushed: false,
        branch,
        summary: "No conflicts: the branch is already up to date with its base.",
        stats: idle,
      });
    },
  },
  {
    id: "merge-clean",
    title: "a base that fits is merged and pushed without an agent",
    check: async (kit) => {
      const { view, branch, job } = await merge(kit, { "x.txt": "x" });
      demandSame("result", view.result, {
        pushed: true,
        branch,
        summary: "Merged the base in cleanly (no conflicts to resolve).",
        stats: idle,
      });
      demandSame("the base's file", await kit.repositories.file(branch, "shared.txt"), "main");
      demandSame("starts of an agent", await job.place.read("starts"), undefined);
    },
  },
  {
    id: "merge-resolved",
    title: "conflicts that the agent resolved and staged are pushed as a merge",
    check: async (kit) => {
      const resolve = behave("echo both > shared.txt", "git add shared.txt", says("resolved"));
      const { view, branch, job } = await merge(kit, conflict, resolve);
      demandSuccess(view);
      demandSame("pushed", field(view.result, "pushed"), true);
      demandSame("shared.txt", await kit.repositories.file(branch, "shared.txt"), "both");
      const parents = await kit.repositories.git("app", "rev-list", "--parents", "-1", branch);
      demandSame("parents of the merge", parents.split(" ").length - 1, 2);
      demandMatch(
        "the prompt",
        await job.place.read("prompt"),
        /shared\.txt[^]*<<<<<<<|<<<<<<<[^]*shared\.txt/,
      );
    },
  },
  {
    id: "merge-unresolved",
    title: "conflicts that are left are named, and nothing is pushed",
    check: async (kit) => {
      const merged = await merge(kit, conflict, behave(says("too hard")));
      await demandUnpushed(merged);
      demandMatch("result.error", merged.view.result?.error, /\(1 file\(s\) still conflicted: shared\.txt\)/);
    },
  },
  {
    id: "merge-unstaged",
    title: "a file that was resolved and not staged is resolved",
    defects: [3],
    check: async (kit) => {
      const { view, branch } = await merge(kit, conflict, behave("echo both > shared.txt", says("resolved")));
      demandSuccess(view);
      demandSame("pushed", field(view.result, "pushed"), true);
      demandSame("shared.txt", await kit.repositories.file(branch, "shared.txt"), "both");
    },
  },
  {
    id: "merge-markers",
    title: "a file that was staged with its markers inside is not resolved",
    defects: [4],
    check: async (kit) => {
      await demandUnpushed(await merge(kit, conflict, behave("git add shared.txt", says("resolved"))));
    },
  },
  {
    id: "merge-aborted",
    title: "a merge that the agent aborted is not resolved",
    defects: [5],
    check: async (kit) => {
      await demandUnpushed(await merge(kit, conflict, behave("git merge --abort", says("resolved"))));
    },
  },
  {
    id: "merge-scratch",
    title: "scratch files of the agent are in no merge",
    defects: [19],
    check: async (kit) => {
      const behaviour = behave(
        "echo both > shared.txt",
        "git add shared.txt",
        "echo scratch > scratch.txt",
        says("resolved"),
      );
      const { branch } = await merge(kit, conflict, behaviour);
      demandSame("shared.txt", await kit.repositories.file(branch, "shared.txt"), "both");
      demandSame("scratch.txt", await kit.repositories.file(branch, "scratch.txt"), undefined);
    },
  },
  {
    id: "bootstrap",
    title: "a new repository has one root commit with the reference and the agent's work",
    check: async (kit) => {
      const { view, name } = await bootstrap(kit, behave("echo new > new.txt", says("made it")));
      demandSuccess(view);
      demandSame("defaultBranch", field(view.result, "defaultBranch"), "trunk");
      demandSame("new.txt", await kit.repositories.file("trunk", "new.txt", name), "new");
      demandSame("shared.txt", await kit.repositories.file("trunk", "shared.txt", name), "main");
      demandSame("commits", await kit.repositories.git(name, "rev-list", "--count", "trunk"), "1");
    },
  },
  {
    id: "bootstrap-no-op",
    title: "a bootstrap without changes is done with an error, and pushes nothing",
    check: async (kit) => {
      const { view, name } = await noBootstrap(kit);
      const text =
        /^the bootstrapper agent made no changes to the reference architecture \(tool calls: 0, assistant output: 7 chars\)\./;
      demandMatch("result.error", view.result?.error, text);
      demandSame("trunk", await kit.repositories.head("trunk", name), undefined);
    },
  },
  {
    id: "bootstrap-committed",
    title: "what the agent committed counts as made",
    defects: [6],
    check: async (kit) => {
      const { name } = await bootstrap(kit, behave(commit("new.txt", "new"), says("made it")));
      demandSame("new.txt", await kit.repositories.file("trunk", "new.txt", name), "new");
    },
  },
  {
    id: "bootstrap-empty",
    title: "a repository without files is no content",
    defects: [7],
    check: async (kit) => {
      const behaviour = behave("git init -q .", `git ${identity} status > /dev/null`, says("made it"));
      const { view } = await bootstrap(kit, behaviour, true);
      demandMatch("result.error", view.result?.error, /^the bootstrapper agent scaffolded no files/);
    },
  },
  {
    id: "preview-without-frontend",
    title: "a preview without a frontend is done with an error, and runs no agent",
    check: async (kit) => {
      const { view, job } = await kit.run({ mode: "preview", behaviour: "exit 9" });
      demandSame("state", view.state, "done");
      const text = "invalid preview job: 'infra.kind' must be 'frontend'";
      demandSame("result.error", view.result?.error, text);
      demand((await job.place.read("starts")) === undefined, "no agent", "an agent");
    },
  },
]);
