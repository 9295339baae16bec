import { chmod, mkdir, readFile, readdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "vitest";
import { runProcess } from "../../container/process.ts";
import { killLeftOver } from "../../container/process/left-over.ts";
import { readProcessTable } from "../../container/process/table.ts";
import { makeFolder, realClock } from "./job-folder.ts";

const script = join(import.meta.dirname, "../../container/docker.sh");
/** Stays, and answers from then on. */
const lasting =
  'echo "$$ $DOCKERD_ROOTLESS_ROOTLESSKIT_FLAGS $*" >>"$FOLDER/started"; touch "$XDG_RUNTIME_DIR/up"; exec sleep 600';

test("the first call starts a daemon in the caller's session, which outlives the call and serves the next", async ({
  expect,
}) => {
  const site = await openSite(lasting);
  const first = await site.docker(["ps"]);
  expect(first).toMatchObject({
    code: 0,
    stdout: `client unix://${site.place}/docker.sock ps\n`,
    stderr: [],
  });
  const [daemon] = await site.daemons();
  expect(await site.sessionOf(daemon)).toBe(first.session);
  expect((await site.docker(["compose", "up"])).stdout).toContain("compose up");
  expect(await site.daemons()).toStrictEqual([daemon]);
});

test("the daemon has a table of processes of its own, and ends with the session that began it", async ({
  expect,
}) => {
  const site = await openSite(lasting);
  const { session } = await site.docker(["ps"]);
  const [daemon] = await site.daemons();
  expect(await readFile(join(site.folder, "started"), "utf8")).toContain(
    `${daemon} --pidns --host=unix://${site.place}/docker.sock --iptables=false --ip6tables=false`,
  );
  const sweep = await killLeftOver({ folders: [], sessions: [session], exceptSessions: () => [] }, realClock);
  expect(sweep).toMatchObject({ killed: [{ pid: daemon }], survivors: [] });
});

test("two callers at once start one daemon", async ({ expect }) => {
  const site = await openSite(lasting);
  const ends = await Promise.all([site.docker(["ps"]), site.docker(["ps"]), site.docker(["ps"])]);
  expect(ends.map(({ code }) => code)).toStrictEqual([0, 0, 0]);
  expect(await site.daemons()).toHaveLength(1);
});

test("of a daemon that was killed nothing is left that would keep the next from starting", async ({
  expect,
}) => {
  const site = await openSite(`test ! -e "$XDG_RUNTIME_DIR/docker.pid" && ${lasting}`);
  await writeFile(join(site.place, "docker.pid"), "1");
  expect(await site.docker(["ps"])).toMatchObject({ code: 0 });
  expect(await site.daemons()).toHaveLength(1);
});

test("a daemon that does not come up is told with its last words, and the client answers for itself", async ({
  expect,
}) => {
  const site = await openSite('echo "no user namespaces here" >&2; exit 1');
  const { code, stdout, stderr } = await site.docker(["fail", "3"]);
  expect([code, stdout]).toStrictEqual([3, `client unix://${site.place}/docker.sock fail 3\n`]);
  expect(stderr).toStrictEqual([
    `docker: the daemon did not come up; the end of ${site.place}/dockerd.log:`,
    "no user namespaces here",
  ]);
});

test("with another host, or without a place, it is the client and nothing else", async ({ expect }) => {
  const site = await openSite(lasting);
  const elsewhere = await site.docker(["ps"], { DOCKER_HOST: "tcp://10.0.0.1:2375" });
  expect(elsewhere).toMatchObject({ code: 0, stdout: "client tcp://10.0.0.1:2375 ps\n" });
  const nowhere = await site.docker(["ps"], { XDG_RUNTIME_DIR: site.folder });
  expect(nowhere).toMatchObject({ code: 0, stdout: "client  ps\n" });
  expect(await site.daemons()).toStrictEqual([]);
  expect(await readdir(site.place)).toStrictEqual([]);
});

test("without a client behind it, it says so", async ({ expect }) => {
  const site = await openSite(lasting);
  const { code, stderr } = await site.docker(["ps"], { PATH: site.front });
  expect([code, stderr]).toStrictEqual([
    127,
    [`docker: there is no docker behind ${site.front}/docker on PATH`],
  ]);
});

/** The script where the image has it: before the client on PATH, under the client's name. */
async function openSite(daemon: string) {
  const folder = await makeFolder();
  const [front, behind, run] = [join(folder, "front"), join(folder, "behind"), join(folder, "run")];
  const place = join(run, "agent-docker");
  await mkdir(place, { recursive: true });
  for (const path of [front, behind]) await mkdir(path);
  await symlink(script, join(front, "docker"));
  const client = `case "$1" in version) test -e "${place}/up"; exit;; esac\necho "client $DOCKER_HOST $*"\n[ "$1" != fail ] || exit "$2"`;
  await writeProgram(join(behind, "docker"), client);
  await writeProgram(join(behind, "dockerd-rootless.sh"), daemon);
  const started = (): Promise<string> => readFile(join(folder, "started"), "utf8").catch(() => "");
  return {
    folder,
    front,
    place,
    docker: async (args: readonly string[], env: Readonly<Record<string, string>> = {}) => {
      let session = 0;
      const end = await runProcess({
        file: "docker",
        args,
        cwd: folder,
        env: { PATH: `${front}:${behind}:/usr/bin:/bin`, FOLDER: folder, XDG_RUNTIME_DIR: run, ...env },
        killGraceMs: 100,
        onStart: (pid) => (session = pid),
      });
      const code = end.exit.kind === "exited" ? end.exit.code : end.exit;
      return { code, stdout: end.stdout, stderr: end.stderrLines, session };
    },
    daemons: async () =>
      (await started()).split("\n").flatMap((line) => (line === "" ? [] : [Number.parseInt(line, 10)])),
    sessionOf: async (pid: number | undefined) =>
      (await readProcessTable()).find((entry) => entry.pid === pid)?.session,
  };
}

async function writeProgram(path: string, body: string): Promise<void> {
  await writeFile(path, `#!/bin/sh\n${body}\n`);
  await chmod(path, 0o755);
}
