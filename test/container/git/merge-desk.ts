import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { type OpenMerge, readConflicts } from "../../../container/git/merging/conflicts.ts";
import type { Git } from "../../../container/git/git.ts";
import {
  type Merge,
  type MergePlan,
  baseRef as refOfBase,
  mergeBase,
} from "../../../container/git/merging/merge.ts";
import { type Verdict, judgeMerge } from "../../../container/git/merging/merge-verdict.ts";
import { type Outbox, collectRef, collectTips, createOutbox } from "../../../container/git/outbox.ts";
import type { Step } from "../../../container/process/step.ts";
import { gitEnvironment } from "../../../local/git-server/git.ts";
import { makeGit, runGit } from "../git-host.ts";
import { makeFolder } from "../job-folder.ts";
import { identity, value } from "./desk.ts";

/** A file's text, a link, the commit of a submodule, or null for a file that is taken away. */
type Content = string | { readonly link: string } | { readonly submodule: string } | null;

/** What a commit changes. A name that is quoted as git quotes it may hold any bytes. */
export type Changes = Readonly<Record<string, Content>>;

export type Sides = {
  /** What both sides come from. */
  readonly start: Changes;
  readonly branch: Changes;
  readonly base: Changes;
};

export type MergeDesk = {
  readonly git: Git;
  readonly folder: string;
  readonly worktree: string;
  readonly plan: MergePlan;
  /** Git as the agent runs it, in the checkout. */
  readonly agent: (...args: string[]) => Promise<string>;
  readonly edit: (name: string, content: string) => Promise<void>;
};

/** Commits a start and both sides to `cat/1` and `base`, in any repository; what these refs had is gone. */
export async function importSides(repository: string, base: string, sides: Sides): Promise<void> {
  await execa("git", ["-C", repository, "fast-import", "--quiet", "--force"], {
    env: gitEnvironment(repository),
    extendEnv: false,
    input: toStream(sides, base),
  });
}

/** A checkout of `cat/1` with all of its history and that of `main`, as a full clone has it. */
export async function openMergeDesk(sides: Sides): Promise<MergeDesk> {
  const folder = await makeFolder();
  const git = await makeGit(folder);
  const worktree = join(folder, "checkout");
  const agent = (...args: string[]): Promise<string> => runGit(folder, "-C", worktree, ...args);
  await runGit(folder, "init", "-q", "-b", "cat/1", worktree);
  await importSides(worktree, "refs/remotes/origin/main", sides);
  await agent("reset", "-q", "--hard");
  for (const [key, setting] of Object.entries(identity)) await agent("config", `user.${key}`, setting);
  return {
    git,
    folder,
    worktree,
    plan: {
      folder: worktree,
      branch: "cat/1",
      base: "main",
      timeoutMs: 20_000,
      signal: new AbortController().signal,
    },
    agent,
    edit: async (name, content) => {
      await mkdir(dirname(join(worktree, name)), { recursive: true });
      await writeFile(join(worktree, name), content);
    },
  };
}

export type ConflictDesk = MergeDesk & {
  readonly outbox: Outbox;
  readonly merge: OpenMerge;
  readonly judge: () => Promise<Verdict>;
  readonly tryJudge: () => Promise<Step<Verdict>>;
  /** Git in the outbox, over the commit that was judged to resolve the merge. */
  readonly inVerdict: (verdict: Verdict, ...args: string[]) => Promise<string>;
  readonly show: (verdict: Verdict, name: string) => Promise<string>;
};

/** The same, stopped at its conflicts. */
export async function openConflict(sides: Sides): Promise<ConflictDesk> {
  const desk = await openMergeDesk(sides);
  const { git, plan, folder, worktree } = desk;
  const merge = value<Merge>(await mergeBase(git, plan));
  const outbox = value(await createOutbox(git, { folder: join(folder, "harness", "outbox"), worktree }));
  value(await collectTips(outbox, plan.branch, plan.signal));
  value(await collectRef(outbox, refOfBase(plan), plan.signal));
  const open = value(await readConflicts(outbox, merge));
  const tryJudge = (): Promise<Step<Verdict>> =>
    judgeMerge(outbox, open, {
      branch: "cat/1",
      mergeMessage: "Merge main into cat/1",
      message: "Agent changes",
      identity,
      ours: [".cat-context/", ".cat-follow-ups.jsonl"],
      signal: plan.signal,
    });
  const inVerdict = async (verdict: Verdict, ...args: string[]): Promise<string> => {
    if (verdict.kind !== "resolved") throw new Error(`not resolved: ${verdict.paths.join(", ")}`);
    const { commit } = verdict;
    const inOutbox = ["--git-dir", outbox.folder];
    return runGit(folder, ...inOutbox, ...args.map((arg) => arg.replace("COMMIT", commit)));
  };
  const show = (verdict: Verdict, name: string) => inVerdict(verdict, "show", `COMMIT:${name}`);
  return {
    ...desk,
    outbox,
    merge: open,
    tryJudge,
    judge: async () => value(await tryJudge()),
    inVerdict,
    show,
  };
}

/** The input of `git fast-import`: a commit that both come from, then one on either side. */
function toStream({ start, branch, base }: Sides, baseRef: string): Buffer {
  const commit = (ref: string, changes: Changes): Buffer[] => [
    Buffer.from(`commit ${ref}\ncommitter Somebody <somebody@example.invalid> 4070908800 +0000\n`),
    toData(`Work on ${ref}\n`),
    ...Object.entries(changes).flatMap(([path, content]) => toChange(path, content)),
  ];
  return Buffer.concat([
    Buffer.from("reset refs/heads/cat/1\n\n"),
    ...commit("refs/heads/cat/1", start),
    Buffer.from(`reset ${baseRef}\nfrom refs/heads/cat/1\n\n`),
    ...commit("refs/heads/cat/1", branch),
    ...commit(baseRef, base),
  ]);
}

function toChange(path: string, content: Content): Buffer[] {
  if (content === null) return [Buffer.from(`D ${path}\n`)];
  if (typeof content === "string") return [Buffer.from(`M 100644 inline ${path}\n`), toData(content)];
  if ("link" in content) return [Buffer.from(`M 120000 inline ${path}\n`), toData(content.link)];
  return [Buffer.from(`M 160000 ${content.submodule} ${path}\n`)];
}

function toData(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([Buffer.from(`data ${bytes.length}\n`), bytes, Buffer.from("\n")]);
}
