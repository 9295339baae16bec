import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Checkout, makeCheckout } from "../../../container/git/checkout.ts";
import { type Outbox, createOutbox } from "../../../container/git/outbox.ts";
import { push } from "../../../container/git/push.ts";
import { findWork } from "../../../container/git/work.ts";
import type { Step } from "../../../container/process/step.ts";
import { type Files, type GitHost, makeGit, runGit, startGitHost } from "../git-host.ts";
import { makeFolder } from "../job-folder.ts";

export const identity = { name: "holt[bot]", email: "holt[bot]@users.noreply.github.com" };

export type Desk = {
  readonly host: GitHost;
  readonly outbox: Outbox;
  readonly start: string;
  /** Git as the agent runs it, in the checkout. */
  readonly agent: (...args: string[]) => Promise<string>;
  readonly commit: (file: string) => Promise<string>;
};

/** A repository at a host, cloned for a job, with its outbox. */
export async function openDesk(files?: Files, newBranch = "cat/1"): Promise<Desk> {
  const folder = await makeFolder();
  const host = await startGitHost(folder, files);
  const git = await makeGit(folder);
  const worktree = join(folder, "checkout");
  const checkout = value<Checkout>(
    await makeCheckout(git, {
      remote: host.remote,
      folder: worktree,
      branch: "main",
      work: { kind: "create", newBranch },
      isFull: false,
      identity,
      timeoutMs: 20_000,
      signal: new AbortController().signal,
    }),
  );
  const outbox = value(await createOutbox(git, { folder: join(folder, "harness", "outbox"), worktree }));
  const agent = (...args: string[]): Promise<string> => runGit(folder, "-C", worktree, ...args);
  const commit = async (file: string): Promise<string> => {
    await writeFile(join(worktree, file), `${file}\n`);
    await agent("add", file);
    await agent("commit", "-q", "-m", `Add ${file}`);
    return agent("rev-parse", "HEAD");
  };
  return { host, outbox, start: checkout.startCommit, agent, commit };
}

export function value<Value>(step: Step<Value>): Value {
  if (!step.ok) throw new Error(step.failure.text);
  return step.value;
}

export const find = async ({ outbox, start }: Desk) =>
  value(await findWork(outbox, { branch: "cat/1", baseCommit: start, startCommit: start }));

export function pushCommit(
  desk: Desk,
  commit: string,
  lastPushed: string | null = null,
  before: { readonly startedAt?: string; readonly tried?: readonly string[] } = {},
) {
  const { startedAt = null } = before;
  const target = { remote: desk.host.remote, branch: "cat/1", startedAt };
  const signal = new AbortController().signal;
  const tried = new Set(before.tried);
  return push(desk.outbox, target, { commit, lastPushed, tried, timeoutMs: 20_000, signal });
}
