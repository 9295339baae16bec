import { spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { onTestFinished, test } from "vitest";
import { type Stand, type StandOptions, openStand } from "../../../bench/pieces/stand.ts";
import { account, canSwitch } from "./account.ts";
import { makeFolder } from "../job-folder.ts";
import { chmod } from "node:fs/promises";
import { join } from "node:path";

const secret = "s3cret-of-the-harness";

async function open(options: StandOptions): Promise<Stand> {
  const stand = await openStand(options);
  onTestFinished(() => stand.close());
  return stand;
}

/** A real harness carries out a job whose agent runs a script, which writes down what it finds in the file `$1`. */
async function attack(script: (found: string) => string, env: Readonly<Record<string, string>>) {
  const folder = await makeFolder();
  await chmod(folder, 0o777);
  const found = join(folder, "found");
  const stand = await open({ agent: script(found), env });
  await stand.dispatch("j1", []);
  const view = await stand.ended("j1");
  return { stand, view, found: await readFile(found, "utf8").catch(() => "") };
}

/** What the object and the operator gave the harness, looked for wherever an agent can look. */
const lookEverywhere = (found: string): string => `
{ cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline | tr '\\0' '\\n'; grep -rs "" "$PWD/.." "$HOME/.."; } 2>/dev/null | grep -aoE "beat-ke[y]-[0-9]+|control-ke[y]-[0-9]+|ghs_benc[h]-[a-z]+|s3cre[t]-of-the-harness" | sort -u > ${found}`;

test.skipIf(!canSwitch)(
  "an agent with an account of its own finds no key of its harness anywhere it can look",
  async ({ expect }) => {
    const env = { HARNESS_AGENT_USER: account.name, HOLT_TEST_SECRET: secret };
    const { view, found } = await attack(lookEverywhere, env);
    expect(view).toMatchObject({ state: "done" });
    expect(found).toBe("");
  },
);

test("an agent that shares the harness's account reads what the harness was started with, and no key that came with the job", async ({
  expect,
}) => {
  const { view, found } = await attack(lookEverywhere, { HOLT_TEST_SECRET: secret });
  expect(view).toMatchObject({ state: "done" });
  expect(found).toBe(`${secret}\n`);
});

test.skipIf(!canSwitch)(
  "an agent with an account of its own kills everything it may by name and by number, and its harness goes on",
  async ({ expect }) => {
    const killAll = (found: string): string => `
pkill -9 node; pkill -9 -f main.ts; killall -9 node; kill -9 $PPID; kill -STOP $PPID
pgrep -f main.ts > ${found}
(kill -9 -1) 2>/dev/null`;
    const { stand, view, found } = await attack(killAll, { HARNESS_AGENT_USER: account.name });
    expect(found).toContain(String(stand.harness.pid));
    // the last line took the agent too
    expect(view).toMatchObject({ state: "failed", failureCause: "agent" });
    expect(stand.harness.isAlive()).toBe(true);
    expect(await stand.read("/health")).toMatchObject({ status: "ok" });
  },
);

test("an agent that shares the harness's account can kill its harness", async ({ expect }) => {
  const stand = await open({ agent: "kill -9 $PPID; sleep 300" });
  await stand.dispatch("j1", []);
  await expect.poll(() => stand.harness.isAlive()).toBe(false);
});

test.skipIf(!canSwitch)(
  "an agent that asks its own harness is refused, whatever it asks for",
  async ({ expect }) => {
    const ask = (found: string): string => `
for pid in /proc/[0-9]*; do tr '\\0' ' ' < $pid/cmdline 2>/dev/null; done | grep -c . > /dev/null
port=$(awk '$4 == "0A" && $2 ~ /^0100007F/ { split($2, a, ":"); print a[2] }' /proc/net/tcp | while read hex; do printf '%d\\n' 0x$hex; done)
for p in $port; do for what in "-X POST http://127.0.0.1:$p/jobs -d {}" "http://127.0.0.1:$p/jobs/j1" "-X DELETE http://127.0.0.1:$p/jobs/j1 -d {}"; do
curl -s -m 1 -o /dev/null -w "$p %{http_code}\\n" $what; done; done > ${found}`;
    const { stand, view, found } = await attack(ask, { HARNESS_AGENT_USER: account.name });
    expect(view).toMatchObject({ state: "done" });
    const port = new URL(stand.harness.url).port;
    const answers = found.split("\n").filter((line) => line.startsWith(`${port} `));
    expect(answers).toEqual(Array(3).fill(`${port} 401`));
  },
);

/** A file system of a few megabytes for the harness alone; not every machine lets everybody mount one. */
const smallDisk = (folder: string): readonly string[] => [
  "unshare",
  "--mount",
  "sh",
  "-c",
  `mount -t tmpfs -o size=6m none '${folder}' && exec "$@"`,
  "sh",
];
const canMount =
  process.getuid?.() === 0 &&
  spawnSync("unshare", ["--mount", "mount", "-t", "tmpfs", "none", "/mnt"]).status === 0;
if (!canMount) {
  process.stderr.write("holt: no file system can be mounted here, so a full disk is not tested\n");
}

test.skipIf(!canMount)(
  "a disk that an agent has filled fails its job in words, and the next job has the disk again",
  async ({ expect }) => {
    const fill = `
echo edited > README.md
case $prompt in *line*) ;; *) cat /dev/zero > $TMPDIR/fill 2>/dev/null ;; esac`;
    const stand = await open({ wrapper: smallDisk, agent: fill });
    await stand.dispatch("j1", []);
    const full = await stand.ended("j1");
    expect(full).toMatchObject({ state: "failed", failureCause: "git" });
    expect(full["error"]).toMatch(/disk ?space|No space left|unable to write/i);
    expect(stand.harness.isAlive()).toBe(true);
    await stand.dispatch("j2", [{ kind: "line", bytes: 0 }]);
    expect(await stand.ended("j2")).toMatchObject({ state: "done", result: { pushed: true } });
  },
);
