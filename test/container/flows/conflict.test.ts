import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "vitest";
import { type GitHost, runGit } from "../git-host.ts";
import { makeFolder, namesOfProcessesIn } from "../job-folder.ts";
import { stopped } from "../recording-context.ts";
import { openMergeJob, resolve, sides } from "./merge-studio.ts";
import type { Studio } from "./studio.ts";

const headOf = ({ host }: Studio) => host.server.branch("octo", "app", "cat/1");

const phasesOf = ({ recording }: Studio): readonly string[] =>
  recording.reported.flatMap((report) => (report.kind === "phase" ? [report.phase] : []));

const notesOf = ({ recording }: Studio): readonly string[] =>
  recording.reported.flatMap((report) => (report.kind === "note" ? [report.code] : []));

test("conflicts that the agent resolves are merged by the harness and pushed", async ({ expect }) => {
  const studio = await openMergeJob({ agent: `${resolve}; say "kept both"` });
  const before = await headOf(studio);
  const base = await studio.host.inRepository("rev-parse", "main");
  expect(await studio.run()).toEqual({
    state: "done",
    result: {
      pushed: true,
      branch: "cat/1",
      summary: "kept both",
      stats: { toolCalls: 0, assistantChars: 9 },
    },
  });
  expect(phasesOf(studio)).toEqual(["clone", "agent", "saving", "push"]);
  const shown = await studio.host.inRepository("log", "-1", "--format=%an|%cn|%s|%P", "cat/1");
  expect(shown).toBe(`holt[bot]|holt[bot]|Merge main into cat/1|${before} ${base}`);
  expect(await studio.host.inRepository("show", "cat/1:README.md")).toBe("hello branch and base");
  expect(await studio.host.inRepository("show", "cat/1:new.txt")).toBe("new");
});

test("a branch that has its base already is reported as up to date, and no agent runs", async ({
  expect,
}) => {
  const studio = await openMergeJob({
    agent: "say hello",
    before: (host) => host.inRepository("update-ref", "refs/heads/main", "cat/1~1"),
  });
  expect(await studio.run()).toEqual({
    state: "done",
    result: {
      pushed: false,
      branch: "cat/1",
      summary: "No conflicts: the branch is already up to date with its base.",
      stats: { toolCalls: 0, assistantChars: 0 },
    },
  });
  expect(phasesOf(studio)).toEqual(["clone"]);
  expect(studio.host.server.pushes()).toEqual([]);
});

test("a later attempt that finds its merge at the remote says that it is pushed", async ({ expect }) => {
  const earlier = await openMergeJob({ agent: `${resolve}; say "kept both"` });
  await earlier.run();
  const studio = await openMergeJob({ agent: "say hello", earlier });
  expect(await studio.run()).toMatchObject({ state: "done", result: { pushed: true, branch: "cat/1" } });
});

test.for([
  {
    by: "went on with a branch that had its base",
    move: (host: GitHost) => host.commitElsewhere("cat/1", "theirs.txt"),
  },
  {
    by: "moved the branch back",
    move: (host: GitHost) => host.inRepository("update-ref", "refs/heads/cat/1", "main"),
  },
])("a later attempt takes no merge for its own where somebody $by", async ({ move }, { expect }) => {
  const earlier = await openMergeJob({
    agent: "say hello",
    before: (host) => host.inRepository("update-ref", "refs/heads/main", "cat/1~1"),
  });
  await earlier.run();
  await move(earlier.host);
  const studio = await openMergeJob({ agent: "say hello", earlier });
  expect(await studio.run()).toMatchObject({ state: "done", result: { pushed: false } });
});

test("a merge without conflicts is pushed, and no agent runs", async ({ expect }) => {
  const studio = await openMergeJob({
    agent: "say hello",
    sides: { ...sides, branch: { "a.txt": "b\n" } },
  });
  expect(await studio.run()).toEqual({
    state: "done",
    result: {
      pushed: true,
      branch: "cat/1",
      summary: "Merged the base in cleanly (no conflicts to resolve).",
      stats: { toolCalls: 0, assistantChars: 0 },
    },
  });
  expect(phasesOf(studio)).toEqual(["clone", "push"]);
  expect(await studio.host.inRepository("show", "cat/1:new.txt")).toBe("new");
  expect(await studio.host.inRepository("show", "cat/1:a.txt")).toBe("b");
});

test("conflicts that are left are named, and nothing is pushed", async ({ expect }) => {
  const studio = await openMergeJob({ agent: 'git add -A; say "all done"' });
  const before = await headOf(studio);
  expect(await studio.run()).toEqual({
    state: "done",
    result: {
      pushed: false,
      branch: "cat/1",
      summary: "all done",
      stats: { toolCalls: 0, assistantChars: 8 },
      error:
        "The agent did not resolve all merge conflicts (1 file(s) still conflicted: README.md). Agent output: all done",
      failureCause: "agent",
    },
  });
  expect(await headOf(studio)).toBe(before);
  expect(studio.host.server.pushes()).toEqual([]);
});

test("of many conflicts that are left the first ten are named, and that the agent never acted", async ({
  expect,
}) => {
  const names = Array.from({ length: 12 }, (_, at) => `f${String(at).padStart(2, "0")}.txt`);
  const all = (text: string) => Object.fromEntries(names.map((name) => [name, text]));
  const studio = await openMergeJob({
    agent: "echo lost >&2",
    sides: { start: all("start\n"), branch: all("branch\n"), base: all("base\n") },
  });
  const terminal = await studio.run();
  const listed = names.slice(0, 10).join(", ");
  expect(terminal).toHaveProperty(
    "result.error",
    `The agent did not resolve all merge conflicts (12 file(s) still conflicted: ${listed}). The agent never acted (no tool calls, no model output) — it most likely could not reach the model. Agent stderr: lost`,
  );
});

test("an agent that gave the merge up has resolved nothing, and the error says so", async ({ expect }) => {
  const studio = await openMergeJob({ agent: "git merge --abort; say ok" });
  const terminal = await studio.run();
  expect(terminal).toMatchObject({ state: "done", result: { pushed: false, failureCause: "agent" } });
  expect(terminal).toHaveProperty("result.error", expect.stringContaining("gave up the merge"));
  expect(studio.host.server.pushes()).toEqual([]);
});

test("the agent is told the branches, the files, the conflicts and the caller's words", async ({
  expect,
}) => {
  const studio = await openMergeJob({
    agent: `printf '%s' "$prompt" > $TMPDIR/../prompt; ${resolve}; say ok`,
  });
  await studio.run();
  const prompt = await readFile(join(studio.recording.context.folder, "agent", "prompt"), "utf8");
  expect(prompt).toMatchInlineSnapshot(`
    "Merging the base branch \`main\` into the pull request's branch \`cat/1\` stopped at conflicts in 1 file:

    - README.md

    Resolve every one of them. Keep what both sides intended: what the branch is for, and what changed on the base since. Leave
    no conflict marker (\`<<<<<<<\`, \`|||||||\`, \`=======\`, \`>>>>>>>\`) in any file, and mend other files where the two sides only
    work together with a change there. A file that is no text, or that one side deleted, has no markers: decide, and stage
    your decision with \`git add\` or \`git rm\`. A new file of yours belongs to the merge only if you \`git add\` it.

    The merge is under way in this checkout, and the harness completes the merge commit and pushes it when you are done. So
    do not abort, reset or rebase, and create neither a branch nor a pull request.

    The conflicts as git shows them:

    \`\`\`diff
    diff --cc README.md
    index e64a78a,4bb1836..0000000
    --- a/README.md
    +++ b/README.md
    @@@ -1,1 -1,1 +1,5 @@@
    ++<<<<<<< HEAD
     +hello branch
    ++=======
    + hello base
    ++>>>>>>> refs/remotes/origin/main
    \`\`\`

    For reference, what the caller says about this job:

    The pull request greets branches."
  `);
});

test("a long diff is cut in the prompt, with a note", async ({ expect }) => {
  const many = (word: string): string => `${word}\n`.repeat(20_000);
  const studio = await openMergeJob({
    agent: `printf '%s' "$prompt" > $TMPDIR/../prompt; echo both > a.txt; say ok`,
    sides: {
      start: { "a.txt": "a\n" },
      branch: { "a.txt": many("```branch") },
      base: { "a.txt": many("base") },
    },
  });
  expect(await studio.run()).toMatchObject({ state: "done", result: { pushed: true } });
  const prompt = await readFile(join(studio.recording.context.folder, "agent", "prompt"), "utf8");
  expect(prompt.length).toBeLessThan(26_500);
  expect(prompt).toContain("````diff\ndiff --cc a.txt\n");
  expect(prompt).toContain(
    "\n````\n\nThe diff is cut off after 24000 characters; read the rest in the files.",
  );
});

test("context files are laid for a conflict too, follow-ups are told, and neither is pushed", async ({
  expect,
}) => {
  const studio = await openMergeJob({
    agent: `test "$(cat .cat-context/ticket.md)" = "the ticket" || exit 3
${resolve}
echo '{"title":"Rename it"}' > .cat-follow-ups.jsonl
git add -A -f
say ok`,
    job: {
      contextFiles: [{ path: "ticket.md", content: "the ticket\n", title: "Ticket", url: "" }],
      streamFollowUps: true,
    },
  });
  expect(await studio.run()).toMatchObject({ state: "done", result: { pushed: true } });
  expect(studio.recording.reported).toContainEqual({
    kind: "follow-up",
    about: "follow_up",
    title: "Rename it",
  });
  const files = await studio.host.inRepository("ls-tree", "-r", "--name-only", "cat/1");
  expect(files.split("\n")).toEqual(["README.md", "a.txt", "new.txt"]);
});

test("the agent works at the root of the repository, also in a monorepo", async ({ expect }) => {
  const studio = await openMergeJob({
    agent: `test -f a.txt || exit 3; grep packages/api "$PI_CODING_AGENT_DIR/AGENTS.md" && exit 4; ${resolve}; say ok`,
    job: {
      repo: {
        owner: "octo",
        name: "app",
        baseBranch: "main",
        cloneUrl: "",
        serviceDirectory: "packages/api",
      },
    },
  });
  expect(await studio.run()).toMatchObject({ state: "done", result: { pushed: true } });
});

test("scratch files stay behind and are named", async ({ expect }) => {
  const studio = await openMergeJob({ agent: `${resolve}; echo x > scratch.py; say ok` });
  expect(await studio.run()).toMatchObject({ state: "done", result: { pushed: true } });
  expect(notesOf(studio)).toContain("untracked-files");
  const files = await studio.host.inRepository("ls-tree", "-r", "--name-only", "cat/1");
  expect(files).not.toContain("scratch.py");
});

test("a branch that somebody else moved meanwhile is left as it is", async ({ expect }) => {
  const studio = await openMergeJob({ agent: `${resolve}; say ok; wait_for_go` });
  const running = studio.run();
  await studio.recording.waitFor((report) => report.kind === "output" && report.stream === "agent");
  const theirs = await studio.host.commitElsewhere("cat/1", "theirs.txt");
  await studio.letGo();
  expect(await running).toMatchObject({
    state: "failed",
    failureCause: "branch-contended",
    result: { pushed: false },
  });
  expect(await headOf(studio)).toBe(theirs);
});

test("a job that is stopped pushes nothing, not even a merge that the agent has committed", async ({
  expect,
}) => {
  const studio = await openMergeJob({
    agent: `${resolve}; git commit -q -a -m Merge; say ready; trap '' TERM; sleep 300 & wait; sleep 300`,
    limits: { checkpointMs: 20 },
  });
  const running = studio.run();
  await studio.recording.waitFor((report) => report.kind === "output" && report.stream === "agent");
  studio.recording.stop(stopped);
  expect(await running).toMatchObject({
    state: "failed",
    error: "cancelled: not needed",
    result: { pushed: false, branch: "cat/1", summary: "ready" },
  });
  expect(studio.host.server.pushes()).toEqual([]);
  expect(await namesOfProcessesIn(studio.recording.context.folder)).toEqual([]);
});

test("an agent that fails fails the job, and nothing is pushed", async ({ expect }) => {
  const studio = await openMergeJob({ agent: `${resolve}; echo out of memory >&2; exit 3` });
  expect(await studio.run()).toMatchObject({
    state: "failed",
    error: "pi exited with code 3: out of memory",
    failureCause: "agent",
    result: { pushed: false },
  });
  expect(studio.host.server.pushes()).toEqual([]);
});

test("a base that is not at the remote fails the job with cause git", async ({ expect }) => {
  const studio = await openMergeJob({ agent: "say ok", job: { mergeBase: "nowhere" } });
  expect(await studio.run()).toMatchObject({
    state: "failed",
    failureCause: "git",
    error: "the base branch 'nowhere' is not at the remote",
  });
});

test("a repository full of traps, and an agent that sets more, get nothing run and nothing stolen", async ({
  expect,
}) => {
  const loot = join(await makeFolder(), "loot");
  const trap = `#!/bin/sh\n{ echo "$0 $*"; env; cat <&3; } >> ${loot} 2>&1\nexit 1\n`;
  const studio = await openMergeJob({
    sides: {
      start: {
        ...sides.start,
        ".husky/pre-commit": trap,
        ".husky/pre-merge-commit": trap,
        ".gitattributes": "* merge=evil filter=evil diff=evil\n",
      },
      branch: { ...sides.branch, ".gitconfig": '[merge "evil"]\n\tdriver = .husky/pre-commit\n' },
      base: sides.base,
    },
    agent: (host) => `
${resolve}
cat > ${loot}.sh <<'END'
${trap}END
chmod +x ${loot}.sh
mkdir -p .git/hooks .git/info
for hook in pre-commit pre-merge-commit commit-msg post-merge pre-push reference-transaction; do ln -s ${loot}.sh .git/hooks/$hook; done
git config core.hooksPath .git/hooks
for key in merge.evil.driver filter.evil.clean filter.evil.process diff.evil.command core.fsmonitor core.askPass uploadpack.packObjectsHook; do git config $key ${loot}.sh; done
echo '* merge=evil filter=evil diff=evil' > .git/info/attributes
git config url.http://127.0.0.1:1/.insteadOf ${new URL(host.cloneUrl).origin}/
git remote set-url origin http://127.0.0.1:1/octo/app.git
rm -f ${loot}
say ok`,
  });
  expect(await studio.run()).toMatchObject({ state: "done", result: { pushed: true } });
  expect(existsSync(loot)).toBe(false);
  expect(await studio.host.inRepository("show", "cat/1:README.md")).toBe("hello branch and base");
  // the traps do work: git in the checkout itself springs them
  const checkout = join(studio.recording.context.folder, "checkout");
  await runGit(studio.folder, "-C", checkout, "commit", "-q", "-a", "-m", "Naive").catch(() => undefined);
  expect(existsSync(loot)).toBe(true);
});

test("a .git that the agent replaced by a link fails the job, and nothing is pushed", async ({ expect }) => {
  const studio = await openMergeJob({
    agent: `${resolve}; git clone -q . $TMPDIR/other; rm -rf .git; ln -s $TMPDIR/other/.git .git; say ok`,
  });
  expect(await studio.run()).toMatchObject({
    state: "failed",
    failureCause: "git",
    result: { pushed: false },
  });
  expect(studio.host.server.pushes()).toEqual([]);
});
