import { spawn, spawnSync } from "node:child_process";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { onTestFinished, test } from "vitest";
import { ownsAccount } from "../../../container/process/account.ts";
import { findProcesses } from "../../e2e/processes.ts";
import { ghToken, startGitHost } from "../git-host.ts";
import { makeFolder } from "../job-folder.ts";
import { INSTANCE, makeBody } from "../server/start-harness.ts";

/** A table of processes of its own, as a container has; not every machine lets everybody make one. */
const ownTable = ["--user", "--map-root-user", "--pid", "--fork", "--mount-proc", "--kill-child"];
const canOwnTable = spawnSync("unshare", [...ownTable, "true"]).status === 0;

/** Leaves a process behind that names neither its job nor its folder. */
const agent = (seconds: number): string => `#!/bin/sh
cat > /dev/null
mkfifo $TMPDIR/ready
(cd / && env -i setsid -f sh -c "echo > $TMPDIR/ready; exec sleep ${seconds}")
read _ < $TMPDIR/ready
echo '{"type":"agent_settled"}'
`;

/** The harness as the first process of its table carries out a job. */
async function carryOutAlone(seconds: number, env: Readonly<Record<string, string>>): Promise<unknown> {
  const folder = await makeFolder();
  const host = await startGitHost(folder);
  const bin = join(folder, "bin");
  await mkdir(bin);
  await writeFile(join(bin, "pi"), agent(seconds));
  await chmod(join(bin, "pi"), 0o755);
  const main = join(import.meta.dirname, "../../../container/main.ts");
  const child = spawn("unshare", [...ownTable, process.execPath, main], {
    env: {
      PATH: `${bin}:${process.env["PATH"]}`,
      PORT: "0",
      TMPDIR: folder,
      HARNESS_HOST: "127.0.0.1",
      GITHUB_ALLOWED_HOSTS: "127.0.0.1",
      ...env,
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let port = "";
  for await (const line of createInterface(child.stdout)) {
    port = /listening on :(\d+)/.exec(line)?.[1] ?? "";
    if (port !== "") break;
  }
  child.stdout.resume();
  const repo = { owner: "octo", name: "app", baseBranch: "main", cloneUrl: host.cloneUrl };
  const url = `http://127.0.0.1:${port}`;
  const headers = { "x-harness-secret": "control-key-0123456789" };
  const body = JSON.stringify(makeBody({ jobId: "j1", repo, ghToken, noChangesIsError: false }));
  await fetch(`${url}/jobs`, { method: "POST", headers, body });
  for (;;) {
    const view: unknown = await (await fetch(`${url}/jobs/j1`, { headers })).json();
    if (typeof view !== "object" || view === null || !("state" in view)) throw new Error("no view");
    if (view.state !== "running") return view.state;
  }
}

test.skipIf(!canOwnTable)(
  "in a container of an instance nothing of the agent is left, named or not",
  async ({ expect }) => {
    const seconds = 86_400 + process.pid;
    expect(await carryOutAlone(seconds, { HARNESS_INSTANCE: INSTANCE })).toBe("done");
    expect(await findProcesses(String(seconds))).toEqual([]);
  },
);

test.skipIf(!canOwnTable)("without an instance only what names the job is ended", async ({ expect }) => {
  const seconds = 172_800 + process.pid;
  expect(await carryOutAlone(seconds, {})).toBe("done");
  await expect.poll(() => findProcesses(String(seconds))).toHaveLength(1);
});

test("on a machine with other work the account is never taken for the harness's own", async ({ expect }) => {
  expect(await ownsAccount(INSTANCE)).toBe(false);
  expect(await ownsAccount(null)).toBe(false);
});
