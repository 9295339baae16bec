import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "vitest";
import type { Terminal } from "../../../shared/job-result.ts";
import { runGit, writeFiles } from "../git-host.ts";
import { makeFolder, namesOfProcessesIn } from "../job-folder.ts";
import { stopped } from "../recording-context.ts";
import { type BootstrapStudio, openBootstrap } from "./bootstrap-studio.ts";
import type { Studio } from "./studio.ts";

const phasesOf = ({ recording }: Studio): readonly string[] =>
  recording.reported.flatMap((report) => (report.kind === "phase" ? [report.phase] : []));

const noChanges = /^the bootstrapper agent made no changes to the reference architecture \(tool calls: 0, /;
const noFiles = /^the bootstrapper agent scaffolded no files \(tool calls: 0, /;

test("a new repository is the reference with the agent's changes, in one commit of the harness", async ({
  expect,
}) => {
  const studio = await openBootstrap({
    files: { "README.md": "hello\n", "old.txt": "old\n", "run.sh": "#!/bin/sh\n" },
    agent: 'echo renamed > README.md; rm old.txt; mkdir src; echo code > src/main.ts; say "made it"',
  });
  expect(await studio.run()).toEqual({
    state: "done",
    result: { defaultBranch: "main", summary: "made it", stats: { toolCalls: 0, assistantChars: 7 } },
  });
  expect(phasesOf(studio)).toEqual(["clone", "agent", "saving", "push"]);
  expect(await studio.inTarget("log", "--format=%an|%cn|%s|%P", "main")).toBe(
    "holt[bot]|holt[bot]|Bootstrap from octo/app|",
  );
  expect(await studio.inTarget("ls-tree", "-r", "--format=%(objectmode) %(path)", "main")).toBe(
    "100644 README.md\n100755 run.sh\n100644 src/main.ts",
  );
  expect(await studio.inTarget("show", "main:README.md")).toBe("renamed");
  expect(studio.host.server.pushes().map(({ name }) => name)).toEqual(["new"]);
});

test("a new repository from scratch is what the agent made in an empty folder", async ({ expect }) => {
  const studio = await openBootstrap({
    fromScratch: true,
    agent: 'test -z "$(ls -A)" || exit 3; echo hello > README.md; ln -s /etc/passwd link; say ok',
  });
  expect(await studio.run()).toEqual({
    state: "done",
    result: { defaultBranch: "main", summary: "ok", stats: { toolCalls: 0, assistantChars: 2 } },
  });
  expect(phasesOf(studio)).toEqual(["agent", "saving", "push"]);
  expect(await studio.inTarget("log", "--format=%s|%P", "main")).toBe("Bootstrap new repository|");
  expect(await studio.filesOfTarget()).toEqual(["README.md", "link"]);
  expect(await studio.inTarget("show", "main:link")).toBe("/etc/passwd");
});

/** Makes a file and then what is said with it. */
async function bootstrapWith(commit: string): Promise<BootstrapStudio & { readonly terminal: Terminal }> {
  const identify =
    "git config --global user.name A; git config --global user.email a@example.invalid; echo new > new.txt";
  const studio = await openBootstrap({ agent: `${identify}; ${commit}; say ok` });
  return { ...studio, terminal: await studio.run() };
}

test("an agent that commits its work has produced what it committed", async ({ expect }) => {
  const studio = await bootstrapWith("git add -A; git commit -q -m Work");
  expect(studio.terminal).toMatchObject({ state: "done", result: { defaultBranch: "main" } });
  expect(await studio.filesOfTarget()).toEqual(["README.md", "new.txt"]);
  expect(await studio.inTarget("rev-list", "--count", "main")).toBe("1");
});

test("an agent that commits elsewhere, or begins a history of its own, has produced what is there", async ({
  expect,
}) => {
  for (const elsewhere of ["git checkout -q -b own", "rm -rf .git; git init -q"]) {
    const studio = await bootstrapWith(`${elsewhere}; git add -A; git commit -q -m Work`);
    expect(studio.terminal).toMatchObject({ state: "done", result: { defaultBranch: "main" } });
    expect(await studio.filesOfTarget()).toEqual(["README.md", "new.txt"]);
  }
});

test("a reference that was left as it is becomes no new repository", async ({ expect }) => {
  const studio = await openBootstrap({
    // line ends that git would change, and a file that is ignored and tracked all the same
    files: { "README.md": "hello\n", ".gitattributes": "* text=auto\n", ".gitignore": "kept.log\n" },
    before: async (host) => {
      const clone = join(await makeFolder(), "clone");
      await runGit(clone, "clone", "-q", host.server.repositoryPath("octo", "app"), clone);
      await writeFiles(clone, { "kept.log": "kept\n", "dos.txt": "one\r\n" });
      await runGit(clone, "-C", clone, "add", "-f", "kept.log");
      await runGit(clone, "-C", clone, "-c", "core.attributesFile=/dev/null", "add", "-A");
      await runGit(
        clone,
        "-C",
        clone,
        "update-index",
        "--add",
        "--cacheinfo",
        `160000,${"1".repeat(40)},sub`,
      );
      await runGit(clone, "-C", clone, "commit", "-q", "-m", "More");
      await runGit(clone, "-C", clone, "push", "-q", "origin", "main");
    },
    agent: 'git commit -q --allow-empty -m Nothing; say "looks good"',
  });
  const terminal = await studio.run();
  expect(terminal).toMatchObject({ state: "done", result: { summary: "looks good", failureCause: "agent" } });
  expect(terminal).toHaveProperty("result.error", expect.stringMatching(noChanges));
  expect(terminal).toHaveProperty(
    "result.error",
    expect.stringContaining("10 chars). Agent output: looks good"),
  );
  expect(terminal).not.toHaveProperty("result.defaultBranch");
  expect(studio.host.server.pushes()).toEqual([]);
});

test("from scratch, a repository without files is no content", async ({ expect }) => {
  for (const agent of [
    "git init -q",
    "git init -q; mkdir -p src docs; git init -q src",
    "mkdir .cat-context; echo x > .cat-context/note.md; echo '{}' > .cat-follow-ups.jsonl",
    "",
  ]) {
    const studio = await openBootstrap({ fromScratch: true, agent });
    const terminal = await studio.run();
    expect(terminal).toMatchObject({ state: "done", result: { failureCause: "agent" } });
    expect(terminal).toHaveProperty("result.error", expect.stringMatching(noFiles));
    expect(terminal).toHaveProperty("result.error", expect.stringContaining("The agent never acted"));
    expect(await studio.targetHead()).toBeUndefined();
  }
});

test("context files are laid for a bootstrap, and are no part of the new repository", async ({ expect }) => {
  for (const fromScratch of [true, false]) {
    const studio = await openBootstrap({
      fromScratch,
      agent: `test "$(cat .cat-context/ticket.md)" = "the ticket" || exit 3
echo new > new.txt; printf '!*\\n' > .gitignore
echo '{"title":"Rename it"}' > .cat-follow-ups.jsonl
test -d .git && git add -A -f && git commit -q -m Work
say ok`,
      job: {
        contextFiles: [{ path: "ticket.md", content: "the ticket\n", title: "Ticket", url: "" }],
        streamFollowUps: true,
      },
    });
    expect(await studio.run()).toMatchObject({ state: "done", result: { defaultBranch: "main" } });
    const files = [".gitignore", ...(fromScratch ? [] : ["README.md"]), "new.txt"];
    expect(await studio.filesOfTarget()).toEqual(files);
    expect(studio.recording.reported).toContainEqual({
      kind: "follow-up",
      about: "follow_up",
      title: "Rename it",
    });
  }
});

test("what is ignored stays behind, unless the agent added it", async ({ expect }) => {
  const studio = await openBootstrap({
    agent: `printf 'node_modules/\\n*.log\\n.env\\n' > .gitignore
mkdir node_modules; echo x > node_modules/x.js; echo x > debug.log; echo x > kept.log; echo SECRET=1 > .env
git add -f kept.log; say ok`,
  });
  expect(await studio.run()).toMatchObject({ state: "done" });
  expect(await studio.filesOfTarget()).toEqual([".gitignore", "README.md", "kept.log"]);
});

test("files of nested repositories, locked folders and odd modes are files of the new one", async ({
  expect,
}) => {
  const studio = await openBootstrap({
    fromScratch: true,
    agent: `
git init -q
mkdir -p apps/web locked
git init -q apps/web; echo web > apps/web/index.html
(cd apps/web && git add -A && git -c user.name=A -c user.email=a@example.invalid commit -q -m Web)
mkdir -p apps/empty && git init -q apps/empty && echo e > apps/empty/e.txt
echo x > locked/x.txt; chmod 000 locked/x.txt locked
echo run > run.sh; chmod 111 run.sh
mkfifo pipe
say ok`,
  });
  expect(await studio.run()).toMatchObject({ state: "done" });
  expect(await studio.inTarget("ls-tree", "-r", "--format=%(objectmode) %(path)", "main")).toBe(
    "100644 apps/empty/e.txt\n100644 apps/web/index.html\n100644 locked/x.txt\n100755 run.sh",
  );
});

test("a file that git does not take is named, and the others are in the new repository", async ({
  expect,
}) => {
  const studio = await openBootstrap({
    fromScratch: true,
    agent: "mkdir .GIT; echo x > .GIT/config; echo hello > README.md; say ok",
  });
  expect(await studio.run()).toMatchObject({ state: "done" });
  expect(await studio.filesOfTarget()).toEqual(["README.md"]);
  expect(studio.recording.reported).toContainEqual(
    expect.objectContaining({ kind: "note", code: "files-left-out", text: expect.stringContaining(".GIT") }),
  );
});

test("an agent finds the whole history of the reference where the job says so", async ({ expect }) => {
  for (const full of [true, false]) {
    const studio = await openBootstrap({
      job: { full },
      before: (host) => host.commitElsewhere("main", "second.txt"),
      agent: "git rev-list --count HEAD > count.txt; say ok",
    });
    expect(await studio.run()).toMatchObject({ state: "done" });
    expect(await studio.inTarget("show", "main:count.txt")).toBe(full ? "2" : "1");
  }
});

test("what the target's branch had before the job is replaced", async ({ expect }) => {
  const studio = await openBootstrap({
    agent: "echo new > new.txt; say ok",
    before: async (host) => {
      const target = host.server.repositoryPath("octo", "new");
      const tree = await runGit(target, "-C", target, "mktree");
      const commit = await runGit(target, "-C", target, "commit-tree", tree, "-m", "Made by the host");
      await runGit(target, "-C", target, "update-ref", "refs/heads/main", commit);
    },
  });
  expect(await studio.run()).toMatchObject({ state: "done" });
  expect(await studio.inTarget("log", "--format=%s", "main")).toBe("Bootstrap from octo/app");
});

test("what somebody else pushed to the target meanwhile is left as it is", async ({ expect }) => {
  for (const isEmpty of [true, false]) {
    const put = async (inTarget: BootstrapStudio["inTarget"], message: string): Promise<void> => {
      const commit = await inTarget("commit-tree", await inTarget("mktree"), "-m", message);
      await inTarget("update-ref", "refs/heads/main", commit);
    };
    const studio = await openBootstrap({ agent: "echo new > new.txt; say ready; wait_for_go" });
    if (!isEmpty) await put(studio.inTarget, "First");
    const running = studio.run();
    await studio.recording.waitFor((report) => report.kind === "output" && report.stream === "agent");
    await put(studio.inTarget, "Theirs");
    await studio.letGo();
    expect(await running).toMatchObject({ state: "failed", failureCause: "branch-contended" });
    expect(await studio.inTarget("log", "--format=%s", "main")).toBe("Theirs");
  }
});

test("a target that is not there fails the job before an agent runs", async ({ expect }) => {
  const studio = await openBootstrap({ agent: "say ok", target: "nowhere" });
  expect(await studio.run()).toMatchObject({ state: "failed", failureCause: "git" });
  expect(phasesOf(studio)).toEqual([]);
});

test("a stopped bootstrap pushes nothing", async ({ expect }) => {
  const studio = await openBootstrap({
    agent: "echo new > new.txt; say ready; trap '' TERM; sleep 300 & wait; sleep 300",
  });
  const running = studio.run();
  await studio.recording.waitFor((report) => report.kind === "output" && report.stream === "agent");
  studio.recording.stop(stopped);
  expect(await running).toMatchObject({
    state: "failed",
    error: "cancelled: not needed",
    result: { summary: "ready" },
  });
  expect(studio.host.server.pushes()).toEqual([]);
  expect(await namesOfProcessesIn(studio.recording.context.folder)).toEqual([]);
});

test("the push of a bootstrap is cut off when nothing may leave any more", async ({ expect }) => {
  const studio = await openBootstrap({ agent: "echo new > new.txt; say ok" });
  const hold = studio.host.server.hold("push");
  const running = studio.run();
  await hold.held;
  studio.recording.stop({ kind: "killed" });
  const terminal = await running;
  expect(terminal).toMatchObject({ state: "failed" });
  expect(terminal).not.toHaveProperty("result.defaultBranch");
  hold.release();
});

test("the push of a bootstrap ends when its time is over, and says so", async ({ expect }) => {
  const studio = await openBootstrap({ agent: "echo new > new.txt; say ok", limits: { pushMs: 300 } });
  const hold = studio.host.server.hold("push");
  const terminal = await studio.run();
  expect(terminal).toMatchObject({ state: "failed", failureCause: "git" });
  expect(terminal).toHaveProperty("error", expect.stringContaining("timed out"));
  hold.release();
});

test("an agent that fails fails the bootstrap, and nothing is pushed", async ({ expect }) => {
  const studio = await openBootstrap({ agent: "echo new > new.txt; echo out of memory >&2; exit 3" });
  expect(await studio.run()).toMatchObject({
    state: "failed",
    error: "pi exited with code 3: out of memory",
    failureCause: "agent",
  });
  expect(studio.host.server.pushes()).toEqual([]);
});

test("a reference full of traps, and an agent that sets more, get nothing run and nothing stolen", async ({
  expect,
}) => {
  const outside = await makeFolder();
  const loot = join(outside, "loot");
  const trap = `#!/bin/sh\n{ echo "$0 $*"; env; cat <&3; } >> ${loot} 2>&1\nexit 1\n`;
  const studio = await openBootstrap({
    files: { "README.md": "hello\n", ".husky/pre-commit": trap, ".gitattributes": "* filter=evil\n" },
    agent: (host) => `
echo new > new.txt
cp .husky/pre-commit ${loot}.sh
for hook in pre-commit post-checkout pre-push reference-transaction post-index-change; do mkdir -p .git/hooks; ln -s ${loot}.sh .git/hooks/$hook; done
for key in filter.evil.clean filter.evil.process core.fsmonitor core.askPass; do git config $key ${loot}.sh; done
git config core.hooksPath .git/hooks
git config core.worktree ${outside}
git config url.http://127.0.0.1:1/.insteadOf ${new URL(host.cloneUrl).origin}/
mkdir -p nested .git/info; git init -q nested; git -C nested config core.fsmonitor ${loot}.sh
cp -r .git ${outside}/other.git; rm -rf .git; ln -s ${outside}/other.git .git
mkdir -p dir; ln -s ${outside} dir/out
rm -f ${loot}
say ok`,
  });
  expect(await studio.run()).toMatchObject({ state: "done", result: { defaultBranch: "main" } });
  expect(existsSync(loot)).toBe(false);
  expect(await studio.filesOfTarget()).toEqual([
    ".gitattributes",
    ".husky/pre-commit",
    "README.md",
    "dir/out",
    "new.txt",
  ]);
  expect(existsSync(join(outside, "other.git", "HEAD"))).toBe(true);
});

test("a folder that the agent replaced by a link is not read", async ({ expect }) => {
  const outside = await makeFolder();
  await writeFiles(outside, { "theirs.txt": "theirs\n" });
  const studio = await openBootstrap({
    fromScratch: true,
    agent: `here=$PWD; cd ..; mv $here $here.old; ln -s ${outside} $here; say ok`,
  });
  expect(await studio.run()).toMatchObject({ state: "failed", failureCause: "git" });
  expect(studio.host.server.pushes()).toEqual([]);
});
