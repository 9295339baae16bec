import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { onTestFinished, test } from "vitest";
import { withCheckoutFolder } from "../../../container/flows/checkout-folder.ts";
import { keptTreeOf } from "../../../container/git/kept/path.ts";
import { readProcessTable } from "../../../container/process/table.ts";
import { realClock } from "../job-folder.ts";
import { makeJob } from "../make-job.ts";
import { makeContext } from "../recording-context.ts";
import { account, canSwitch, makeOpenFolder } from "./account.ts";

const job = makeJob({
  persistentCheckout: true,
  repo: { ...makeJob().repo, cloneUrl: "https://github.com/octo/app.git" },
});

async function countOfAccount(): Promise<number> {
  return (await readProcessTable()).filter(({ uid }) => uid === account.uid).length;
}

/** The place of a job's checkout beside a process that an earlier agent left, hidden from all but its account. */
async function findPlace(ownsAccount: boolean) {
  const base = await makeOpenFolder();
  const workspaces = { root: join(base, "workspaces"), keep: [] };
  await mkdir(keptTreeOf(workspaces, job.repo).folder, { recursive: true });
  const left = spawn("/bin/sh", ["-c", "echo started; exec sleep 300"], {
    uid: account.uid,
    gid: account.gid,
    cwd: "/",
    env: {},
    detached: true,
    stdio: ["ignore", "pipe", "ignore"],
  });
  onTestFinished(() => void left.kill("SIGKILL"));
  await once(left.stdout, "data");
  const own = join(base, "own");
  await mkdir(own);
  const recording = await makeContext(own);
  const { context } = recording;
  const options = { job, context, workspaces, clock: realClock, user: account };
  const found = await withCheckoutFolder(
    { ...options, ownsAccount: () => ownsAccount },
    async ({ kept }) => ({ isKept: kept !== null, processes: await countOfAccount() }),
  );
  return { ...found, notes: recording.reported };
}

test.skipIf(!canSwitch)(
  "before the harness works in a kept checkout, everything of the account that worked there has ended",
  async ({ expect }) => {
    expect(await findPlace(true)).toEqual({ isKept: true, processes: 0, notes: [] });
  },
);

test.skipIf(!canSwitch)(
  "a kept checkout that an agent of another job may hold open is left alone, and the job has a temporary one",
  async ({ expect }) => {
    expect(await findPlace(false)).toEqual({
      isKept: false,
      processes: 1,
      notes: [
        { kind: "note", code: "checkout-not-kept", text: expect.stringContaining("for another job as well") },
      ],
    });
  },
);
