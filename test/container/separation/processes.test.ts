import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, link, lstat, mkdir, readFile, readdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { onTestFinished, test } from "vitest";
import { runProcess } from "../../../container/process.ts";
import { handOver } from "../../../container/process/hand-over.ts";
import { type Marks, killLeftOver } from "../../../container/process/left-over.ts";
import { readProcessTable } from "../../../container/process/table.ts";
import { makeAgentHome, makeJobFolders } from "../../../container/flows/job-folders.ts";
import { makeJobFolder, removeFolder } from "../../../container/registry/folder.ts";
import { realClock } from "../job-folder.ts";
import { account, canSwitch, makeOpenFolder } from "./account.ts";

const env = { PATH: process.env["PATH"] ?? "", USER: "root", LOGNAME: "root" };

/** Runs shell commands as the agent's account. */
async function asAgent(script: string, cwd = "/") {
  const end = await runProcess({
    file: "sh",
    args: ["-c", script],
    cwd,
    env,
    user: account,
    killGraceMs: 200,
  });
  return { ...end, text: end.stdout + end.stderrLines.join("\n") };
}

async function namesOfAccount(): Promise<string[]> {
  const table = await readProcessTable();
  return table.filter(({ uid }) => uid === account.uid).map(({ name }) => name);
}

const wholeAccount: Marks = {
  folders: [],
  sessions: [],
  exceptSessions: () => [],
  user: account,
  ownsAccount: () => true,
};

/** A stand-in for the harness: another process of this test's own user, with a secret in its environment and memory. */
async function startHarnessLike(): Promise<number> {
  const child = spawn(
    process.execPath,
    ["-e", "console.log(process.pid); setInterval(() => undefined, 1e6)"],
    {
      env: { ...env, HARNESS_SHARED_SECRET: "s3cret-of-the-harness" },
      stdio: ["ignore", "pipe", "ignore"],
    },
  );
  onTestFinished(() => void child.kill("SIGKILL"));
  await once(child.stdout, "data");
  return child.pid ?? 0;
}

test.skipIf(!canSwitch)(
  "a process of the agent's has its user and group, no other group, and its name",
  async ({ expect }) => {
    const { text } = await asAgent(
      "grep -E '^(Uid|Gid|Groups|CapEff):' /proc/self/status; echo $USER $LOGNAME",
    );
    const { uid, gid, name } = account;
    const four = (value: number): string => Array(4).fill(value).join("\t");
    expect(text.split("\n").map((line) => line.trim())).toEqual([
      `Uid:\t${four(uid)}`,
      `Gid:\t${four(gid)}`,
      "Groups:",
      "CapEff:\t0000000000000000",
      `${name} ${name}`,
      "",
    ]);
  },
);

const looks: Readonly<Record<string, (pid: number) => string>> = {
  "its environment": (pid) => `cat /proc/${pid}/environ`,
  "its memory": (pid) => `dd if=/proc/${pid}/mem bs=1 count=1 skip=0`,
  "where its memory is": (pid) => `cat /proc/${pid}/maps`,
  "its open files": (pid) => `ls /proc/${pid}/fd/`,
  "its working directory": (pid) => `ls /proc/${pid}/cwd/`,
  "its root": (pid) => `ls -L /proc/${pid}/root`,
};

for (const [what, look] of Object.entries(looks)) {
  test.skipIf(!canSwitch)(`an agent with an account of its own cannot read ${what}`, async ({ expect }) => {
    const pid = await startHarnessLike();
    const { exit, text } = await asAgent(look(pid));
    expect(exit).not.toEqual({ kind: "exited", code: 0 });
    expect(text).toMatch(/Permission denied|Operation not permitted/);
    expect(text).not.toContain("s3cret");
  });
}

test.skipIf(!canSwitch)(
  "an agent with an account of its own can neither signal nor trace the harness",
  async ({ expect }) => {
    const pid = await startHarnessLike();
    const { text } = await asAgent(
      `kill -9 ${pid}; kill -STOP ${pid}; pkill -9 node; pkill -9 -f setInterval; kill -9 -1; true`,
    );
    expect(text).toMatch(/not permitted/);
    const traced = await asAgent(`strace -p ${pid} -o /dev/null & sleep 0.2; kill $!; wait $!`);
    expect(traced.text).not.toMatch(/attached/);
    expect(await readFile(`/proc/${pid}/stat`, "utf8")).toMatch(/\) [SR] /);
  },
);

test.skipIf(!canSwitch)(
  "the agent passes through the job's folder to its own parts and sees nothing else of it",
  async ({ expect }) => {
    const base = await makeOpenFolder();
    const folder = await makeJobFolder(base, "abc");
    const folders = await makeJobFolders(folder, account);
    await writeFile(join(folders.harness, "askpass"), "of the harness");
    const home = await makeAgentHome(folders);
    await writeFile(join(home, "settings.json"), "{}");
    await handOver([home, folders.home, folders.temporary, folders.checkout], { user: account, env });
    const own = await asAgent(
      `cd ${folders.checkout} && echo a > a && cat ${home}/settings.json && echo b > ${home}/b && echo c > ${folders.home}/c && echo t > ${folders.temporary}/t`,
    );
    expect(own.text).toBe("{}");
    expect(own.exit).toEqual({ kind: "exited", code: 0 });
    for (const attempt of [
      `ls ${folder}`,
      `ls ${folders.agent}`,
      `ls ${folders.harness}`,
      `cat ${folders.harness}/askpass`,
      `mv ${folders.checkout} ${folder}/other`,
      `mv ${home} ${folders.agent}/other`,
      `touch ${folder}/new`,
    ]) {
      const { exit, text } = await asAgent(attempt);
      expect([attempt, exit]).not.toEqual([attempt, { kind: "exited", code: 0 }]);
      expect(text).toMatch(/Permission denied/);
    }
    await removeFolder(folder);
    expect(await readdir(base)).toEqual([]);
  },
);

test.skipIf(!canSwitch)("handing over and removing follow no link", async ({ expect }) => {
  const base = await makeOpenFolder();
  const outside = join(base, "outside");
  await mkdir(outside);
  await writeFile(join(outside, "file"), "kept");
  const folder = await makeJobFolder(base, "abc");
  const folders = await makeJobFolders(folder, account);
  await symlink(outside, join(folders.checkout, "folder"));
  await symlink(join(outside, "file"), join(folders.checkout, "file"));
  await handOver([folders.checkout], { user: account, env });
  expect((await lstat(join(folders.checkout, "file"))).uid).toBe(account.uid);
  for (const path of [outside, join(outside, "file")]) expect((await lstat(path)).uid).toBe(0);
  await asAgent("mkdir deep && touch deep/f && chmod 0 deep && chmod 500 .", folders.checkout);
  await removeFolder(folder);
  expect(await readdir(base)).toEqual(["outside"]);
  expect(await readFile(join(outside, "file"), "utf8")).toBe("kept");
});

test.skipIf(!canSwitch)(
  "handing over passes over a file of the harness's with a second name elsewhere, and says so",
  async ({ expect }) => {
    const base = await makeOpenFolder();
    const outside = join(base, "of-root");
    await writeFile(outside, "kept");
    const folder = join(base, "checkout");
    await mkdir(folder);
    await writeFile(join(folder, "own"), "");
    await link(outside, join(folder, "linked"));
    const theirs = await makeAgentFolder(base, "theirs");
    await asAgent("touch one && ln one two", theirs);
    const options = { user: account, env };
    expect(await handOver([folder, theirs], options)).toEqual([join(folder, "linked")]);
    expect((await lstat(outside)).uid).toBe(0);
    expect((await lstat(join(folder, "own"))).uid).toBe(account.uid);
  },
);

/** Leaves a process behind in a session of its own; it is there when this resolves. */
async function leaveBehind(folder: string, command: string, variables = ""): Promise<void> {
  // the shell ends, and its group with it, only once the other one has a session
  await asAgent(
    `mkfifo ready; cd /; env -i ${variables} setsid -f sh -c 'echo > ${folder}/ready; exec ${command}'; read _ < ${folder}/ready; rm ${folder}/ready`,
    folder,
  );
}

async function makeAgentFolder(base: string, name: string): Promise<string> {
  const folder = join(base, name);
  await mkdir(folder);
  await handOver([folder], { user: account, env });
  return folder;
}

test.skipIf(!canSwitch)(
  "everything of the agent's account is ended, whatever it hides its job with",
  async ({ expect }) => {
    const base = await makeOpenFolder();
    const folder = await makeAgentFolder(base, "agent");
    // may be executed and not read, so nobody but root may inspect what runs of it
    const unreadable = join(base, "unreadable");
    await writeFile(unreadable, await readFile("/bin/sleep"));
    await chmod(unreadable, 0o111);
    await leaveBehind(folder, `${unreadable} 300`);
    await leaveBehind(folder, "sleep 300");
    await expect.poll(async () => (await namesOfAccount()).toSorted()).toEqual(["sleep", "unreadable"]);
    const { killed, survivors } = await killLeftOver(wholeAccount, realClock);
    expect(killed.map(({ name }) => name).toSorted()).toEqual(["sleep", "unreadable"]);
    expect(survivors).toEqual([]);
    expect(await namesOfAccount()).toEqual([]);
  },
);

test.skipIf(!canSwitch)(
  "a process of the agent's account that forks away faster than it is found is ended all the same",
  async ({ expect }) => {
    const folder = await makeAgentFolder(await makeOpenFolder(), "agent");
    // each one lives for some microseconds, and its child goes on in a session of its own; a test that is itself ended
    // leaves the chain behind, so it has an end of its own
    const chain = "\\$end = time + 20; while (time < \\$end) { exit if fork; setsid }";
    await leaveBehind(folder, `perl -MPOSIX -e "${chain}"`);
    const { survivors } = await killLeftOver(wholeAccount, realClock);
    expect(survivors).toEqual([]);
    // one look may miss it
    for (let look = 0; look < 20; look += 1) expect(await namesOfAccount()).toEqual([]);
  },
);

test.skipIf(!canSwitch)(
  "beside another job only what names this one is ended, and what is kept on purpose is spared",
  async ({ expect }) => {
    const base = await makeOpenFolder();
    const mine = await makeAgentFolder(base, "mine");
    const other = await makeAgentFolder(base, "other");
    for (const folder of [mine, other]) await leaveBehind(folder, "sleep 300", `HOME=${folder}/`);
    const marks = { ...wholeAccount, folders: [mine], ownsAccount: () => false };
    expect((await killLeftOver(marks, realClock)).killed).toHaveLength(1);
    const kept = (await readProcessTable()).filter(({ uid }) => uid === account.uid);
    expect(kept.map(({ name }) => name)).toEqual(["sleep"]);
    await leaveBehind(mine, "sleep 301");
    const sparing = { ...wholeAccount, exceptSessions: () => kept.map(({ session }) => session) };
    expect((await killLeftOver(sparing, realClock)).killed).toHaveLength(1);
    const left = (await readProcessTable()).filter(({ uid }) => uid === account.uid);
    expect(left).toEqual(kept);
  },
);
