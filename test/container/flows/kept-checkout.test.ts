import { existsSync } from "node:fs";
import { chmod, mkdir, readFile, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { test } from "vitest";
import { createFlow } from "../../../container/flows/flows.ts";
import { keptTreeOf } from "../../../container/git/kept/path.ts";
import type { AgentUser } from "../../../container/process/agent-user.ts";
import { systemRandom } from "../../../container/system.ts";
import { AgentJob } from "../../../shared/job-body.ts";
import type { Terminal } from "../../../shared/job-result.ts";
import { realClock } from "../job-folder.ts";
import { account, canSwitch } from "../separation/account.ts";
import { makeContext } from "../recording-context.ts";
import { openStudio } from "./studio.ts";

/** Jobs one after the other in one kept checkout; what an agent does is a shell function of the job's model name. */
async function openRow(agent: string, user: AgentUser | null = null) {
  const { folder, job, host } = await openStudio({ agent, ...(user !== null && { user }) });
  const workspaces = { root: join(folder, "workspaces"), keep: ["node_modules"] };
  const env = { ...process.env, PATH: `${join(folder, "bin")}:${process.env["PATH"]}` };
  let jobs = 0;
  const run = async (given: object): Promise<Terminal> => {
    const own = join(folder, `row-${++jobs}`);
    await mkdir(own);
    if (user !== null) await chmod(own, 0o711);
    const { context } = await makeContext(own, { secrets: [job.ghToken] });
    const parsed = AgentJob.parse({ ...job, persistentCheckout: true, pr: undefined, ...given });
    const ended = await createFlow({
      clock: realClock,
      env,
      fetch,
      random: systemRandom,
      workspaces,
      user,
      ownsAccount: () => user !== null,
    })(parsed, context);
    // as the registry does when a job has ended
    await rm(context.folder, { recursive: true });
    return ended;
  };
  return { folder, host, run, tree: keptTreeOf(workspaces, { ...job.repo, cloneUrl: host.cloneUrl }) };
}

const coding = (newBranch: string) => ({ newBranch, pushBranch: newBranch });
const explore = { mode: "explore", output: { kind: "prose", failOnUnusableFinal: false } };

test("what one agent plants in a kept checkout reaches no later job of the repository", async ({
  expect,
}) => {
  const { folder, host, run, tree } = await openRow(`
    if test -e node_modules/first; then
      ls -A .git/hooks .git/info/attributes 2>/dev/null | grep -q . && say "planted"
      commit second.txt; say "second"; settle
    fi
    trap=$(dirname "$(dirname "$0")")/trapped
    mkdir -p node_modules .git/hooks && touch node_modules/first
    for hook in post-checkout pre-commit pre-push reference-transaction; do
      printf '#!/bin/sh\\necho "$0" >> %s\\n' "$trap" > .git/hooks/$hook && chmod +x .git/hooks/$hook
    done
    git config core.hooksPath "$PWD/.git/hooks"
    git config core.fsmonitor "$PWD/.git/hooks/pre-push"
    git config remote.origin.url http://127.0.0.1:9/thief.git
    git config url.http://127.0.0.1:9/.insteadOf http://127.0.0.1
    git -c core.hooksPath=/dev/null -c core.fsmonitor=false commit -q --allow-empty -m first; rm -f "$trap"
    say "first"`);
  expect(await run(coding("cat/1"))).toMatchObject({
    state: "done",
    result: { pushed: true, summary: "first" },
  });
  expect(existsSync(join(tree.folder, "node_modules/first"))).toBe(true);
  expect(await run(coding("cat/2"))).toMatchObject({
    state: "done",
    result: { pushed: true, branch: "cat/2", summary: "second" },
  });
  expect(await host.inRepository("log", "--format=%s", "main..cat/2")).toBe("Add second.txt");
  expect(existsSync(join(folder, "trapped"))).toBe(false);
});

test("an explore job in a kept checkout compares with the base as it is, and finds what was installed", async ({
  expect,
}) => {
  const { run, host, tree } = await openRow(`
    mkdir -p node_modules; count=$(ls node_modules | wc -l); touch node_modules/$count scratch.txt
    say "$(git rev-parse HEAD) $(git merge-base HEAD origin/main) $(git rev-parse origin/main) $count"`);
  const fork = await host.inRepository("rev-parse", "main");
  const feature = await host.commitElsewhere("feature", "feature.txt", "main");
  expect(await run({ ...explore, branch: "feature" })).toHaveProperty(
    "result.summary",
    `${feature} ${fork} ${fork} 0`,
  );
  const base = await host.commitElsewhere("main", "base.txt");
  expect(await run({ ...explore, branch: "feature" })).toHaveProperty(
    "result.summary",
    `${feature} ${fork} ${base} 1`,
  );
  expect((await readdir(tree.folder)).toSorted()).toContain("feature.txt");
  expect(await readFile(join(tree.folder, ".git", "HEAD"), "utf8")).toBe("ref: refs/heads/feature\n");
});

test("an ordinary coding job that asks for the full history has every branch to compare with", async ({
  expect,
}) => {
  const { run, host } = await openRow(`commit work.txt; say "$(git merge-base HEAD origin/release)"`);
  const fork = await host.inRepository("rev-parse", "main");
  await host.commitElsewhere("release", "release.txt", "main");
  await host.commitElsewhere("main", "second.txt");
  for (const persistentCheckout of [false, true]) {
    const newBranch = `cat/${String(persistentCheckout)}`;
    expect(await run({ ...coding(newBranch), persistentCheckout, full: true })).toMatchObject({
      state: "done",
      result: { pushed: true, summary: fork },
    });
  }
});

test.skipIf(!canSwitch)(
  "an agent with an account of its own goes on in a kept checkout, and reaches nothing beside it",
  async ({ expect }) => {
    const { run, host, tree } = await openRow(
      `mkdir -p node_modules && echo "$(id -u)" >> node_modules/users
       ls "$PWD/../../.holt" && say "open"
       touch ../planted && say "open"
       commit "work-$(wc -l < node_modules/users | tr -d ' ').txt"; say "closed"`,
      account,
    );
    for (const newBranch of ["cat/1", "cat/2"]) {
      expect(await run(coding(newBranch))).toMatchObject({
        state: "done",
        result: { pushed: true, summary: "closed" },
      });
    }
    expect(await host.inRepository("log", "--format=%s", "main..cat/2")).toBe("Add work-2.txt");
    expect(await readFile(join(tree.folder, "node_modules", "users"), "utf8")).toBe(
      `${account.uid}\n${account.uid}\n`,
    );
    expect((await stat(tree.cache)).uid).toBe(0);
  },
);
