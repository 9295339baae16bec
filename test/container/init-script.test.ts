import { mkdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { test } from "vitest";
import { makeFolder } from "./job-folder.ts";
import { canOwnTable, ownTable } from "./own-table.ts";

const container = join(import.meta.dirname, "../../container");
const initScript = join(container, "init.sh");
const program = ["sh", "-c", 'echo "$1"; exit 7', "x", "two words"] as const;

test("the start script passes arguments and the exit code through", async ({ expect }) => {
  const { stdout, exitCode } = await execa("sh", [initScript, ...program], { reject: false });
  expect([stdout, exitCode]).toStrictEqual(["two words", 7]);
});

test("a signal to the start script is the program's to answer", async ({ expect }) => {
  const patient = 'trap "echo ended; exit 9" TERM; echo up; while :; do sleep 0.02; done';
  const child = execa("sh", [initScript, "sh", "-c", patient], { reject: false });
  for await (const line of child) if (line === "up") child.kill("SIGTERM");
  const { stdout, exitCode } = await child;
  expect([stdout, exitCode]).toStrictEqual(["up\nended", 9]);
});

test.skipIf(!canOwnTable)(
  "as the first process the start script puts an init before the program",
  async ({ expect }) => {
    const folder = await makeFolder();
    await writeProgram(join(folder, "tini"), 'echo "init $$ $1"; shift; exec "$@"');
    const env = { PATH: `${folder}:${process.env["PATH"]}` };
    const { stdout, exitCode } = await execa("unshare", [...ownTable, "sh", initScript, ...program], {
      env,
      reject: false,
    });
    expect([stdout, exitCode]).toStrictEqual(["init 1 --\ntwo words", 7]);
  },
);

const showHost = ["sh", "-c", 'echo "host:$DOCKER_HOST"; exit 7'] as const;

test.skipIf(!canOwnTable)("without being asked the start script leaves Docker alone", async ({ expect }) => {
  const site = await openSite();
  const ended = await site.start({ HARNESS_ROOTLESS_DOCKER: "0" }, showHost);
  expect(ended).toStrictEqual({ stdout: "host:", stderr: "", exitCode: 7 });
  expect(await site.made()).toStrictEqual({ place: null, subuid: "", subgid: "" });
});

test.skipIf(!canOwnTable)(
  "a Docker host that was given is used, and no place is made",
  async ({ expect }) => {
    const site = await openSite();
    const ended = await site.start({ DOCKER_HOST: "tcp://10.0.0.1:2375" }, showHost);
    expect(ended).toStrictEqual({ stdout: "host:tcp://10.0.0.1:2375", stderr: "", exitCode: 7 });
    expect(await site.made()).toStrictEqual({ place: null, subuid: "", subgid: "" });
  },
);

test.skipIf(!canOwnTable)(
  "asked for, rootless Docker gets a place of the account's alone and ids, and the program its host",
  async ({ expect }) => {
    const site = await openSite();
    const expected = { stdout: `host:unix://${site.place}/docker.sock`, stderr: "", exitCode: 7 };
    expect(await site.start({}, showHost)).toStrictEqual(expected);
    expect(await site.start({}, showHost)).toStrictEqual(expected);
    expect(await site.made()).toStrictEqual({
      place: 0o700,
      subuid: "0:100000:65536\n",
      subgid: "0:100000:65536\n",
    });
  },
);

test.skipIf(!canOwnTable)(
  "the first call of docker starts the daemon in the background, and its log is in that place",
  async ({ expect }) => {
    const site = await openSite();
    await writeProgram(
      join(site.bin, "dockerd-rootless.sh"),
      'echo "began $*"; touch "$XDG_RUNTIME_DIR/up"; exec sleep 600',
    );
    const { stdout, exitCode } = await site.start({}, ["docker", "ps"]);
    expect([stdout, exitCode]).toStrictEqual([`ps at unix://${site.place}/docker.sock`, 0]);
    const log = await readFile(join(site.place, "dockerd.log"), "utf8");
    expect(log).toBe(`began --host=unix://${site.place}/docker.sock --iptables=false --ip6tables=false\n`);
  },
);

type Trouble = {
  readonly what: string;
  readonly env: Readonly<Record<string, string>>;
  readonly says: string;
};

const troubles: readonly Trouble[] = [
  { what: "no account", env: { HARNESS_AGENT_USER: "" }, says: "HARNESS_AGENT_USER names no account" },
  { what: "an unknown account", env: { HARNESS_AGENT_USER: "nobody-here" }, says: "cannot be made" },
  {
    what: "no daemon installed",
    env: { WITHOUT: "dockerd-rootless.sh" },
    says: "dockerd-rootless.sh is not installed",
  },
  {
    what: "no room for its place",
    env: { XDG_RUNTIME_DIR: "/dev/null" },
    says: "/dev/null/agent-docker cannot be made",
  },
];

test.skipIf(!canOwnTable).for(troubles)(
  "with $what the start script says so, and the program starts all the same",
  async ({ env, says }, { expect }) => {
    const site = await openSite(env["WITHOUT"]);
    const { stdout, stderr, exitCode } = await site.start(env, showHost);
    expect([stdout, exitCode]).toStrictEqual(["host:", 7]);
    expect(stderr).toContain(`init: no rootless Docker: `);
    expect(stderr).toContain(says);
    expect((await site.made()).subuid).toBe("");
  },
);

/** A machine of its own as far as the script looks: /etc, devices, and a PATH with what the image would have. */
async function openSite(without?: string) {
  const folder = await makeFolder();
  const [bin, etc, run] = [join(folder, "bin"), join(folder, "etc"), join(folder, "run")];
  const place = join(run, "agent-docker");
  for (const path of [bin, etc, run]) await mkdir(path);
  for (const name of ["subuid", "subgid"]) await writeFile(join(etc, name), "");
  await writeFile(join(etc, "passwd"), "root:x:0:0::/root:/bin/sh\n");
  const answer = `[ "$1" != version ] || { test -e "${place}/up"; exit; }; echo "$1 at $DOCKER_HOST"`;
  if (without !== "dockerd-rootless.sh") await writeProgram(join(bin, "dockerd-rootless.sh"), "exit 1");
  await mkdir(join(folder, "behind"));
  await writeProgram(join(folder, "behind", "docker"), answer);
  await symlink(join(container, "docker.sh"), join(bin, "docker"));
  const hide =
    '[ ! -e /dev/fuse ] || mount --bind "$ETC/passwd" /dev/fuse; [ ! -d /dev/net ] || mount --bind "$ETC" /dev/net';
  const enter = `${hide}; mount --bind "$ETC" /etc && exec sh "$@"`;
  return {
    bin,
    place,
    start: async (env: Readonly<Record<string, string>>, argv: readonly string[]) => {
      const all = {
        PATH: `${bin}:${join(folder, "behind")}:/usr/bin:/bin`,
        ETC: etc,
        XDG_RUNTIME_DIR: run,
        HARNESS_AGENT_USER: "0",
        HARNESS_ROOTLESS_DOCKER: "1",
        ...env,
      };
      const args = [...ownTable, "sh", "-c", enter, "sh", initScript, ...argv];
      const end = await execa("unshare", args, { env: all, extendEnv: false, reject: false });
      return { stdout: end.stdout, stderr: end.stderr, exitCode: end.exitCode };
    },
    made: async () => ({
      place: await stat(place).then(
        ({ mode }) => mode & 0o777,
        () => null,
      ),
      subuid: await readFile(join(etc, "subuid"), "utf8"),
      subgid: await readFile(join(etc, "subgid"), "utf8"),
    }),
  };
}

function writeProgram(path: string, body: string): Promise<void> {
  return writeFile(path, `#!/bin/sh\n${body}\n`, { mode: 0o755 });
}
