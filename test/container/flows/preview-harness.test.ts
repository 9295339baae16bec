/** A preview under a whole harness: what ends it, and what does not. */

import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { onTestFinished, test } from "vitest";
import { createFlow } from "../../../container/flows/flows.ts";
import { systemRandom } from "../../../container/system.ts";
import type { FrontendInfra } from "../../../shared/job-body/frontend-infra.ts";
import { ghToken, startGitHost } from "../git-host.ts";
import { fastClock, layPrograms, makeFrontend, usual } from "../infra/site.ts";
import { makeFolder, namesOfProcessesIn, realClock } from "../job-folder.ts";
import { type StartedHarness, makeBody, startHarness } from "../server/start-harness.ts";

type Stage = {
  readonly started: StartedHarness;
  /** Dispatches a preview and waits for its end. */
  readonly preview: (jobId: string, infra: FrontendInfra) => Promise<Readonly<Record<string, unknown>>>;
};

async function openStage(): Promise<Stage> {
  const folder = await makeFolder();
  const host = await startGitHost(folder);
  const programs = await layPrograms(join(folder, "bin"), usual);
  const started = await startHarness({
    env: { GITHUB_ALLOWED_HOSTS: "127.0.0.1" },
    flow: createFlow({
      clock: fastClock(5),
      env: { ...process.env, PATH: programs.path },
      fetch,
      random: systemRandom,
      workspaces: { root: join(folder, "workspaces"), keep: [] },
      user: null,
      ownsAccount: () => false,
    }),
  });
  onTestFinished(() => started.harness.shutdown.onSignal("SIGTERM"));
  const repo = { owner: "octo", name: "app", baseBranch: "main", cloneUrl: host.cloneUrl };
  const preview: Stage["preview"] = async (jobId, infra) => {
    await started.post(makeBody({ jobId, mode: "preview", infra, repo, ghToken, newBranch: undefined }));
    return started.ended(jobId);
  };
  return { started, preview };
}

const foldersOf = async ({ tmpDir }: StartedHarness): Promise<readonly string[]> =>
  (await readdir(tmpDir)).filter((name) => name.startsWith("holt-job-"));

test("a preview outlives its job and ends, folder and all, when the job is deleted", async ({ expect }) => {
  const { started, preview } = await openStage();
  const infra = await makeFrontend();
  const url = `http://localhost:${infra.servePort}`;
  expect(await preview("p1", infra)).toMatchObject({
    state: "done",
    phase: "done",
    result: { preview: { url }, infraSetup: { started: true } },
  });
  expect((await fetch(url)).status).toBe(200);
  expect(await foldersOf(started)).toHaveLength(1);
  await started.stop("p1", { cause: "cancelled", graceMs: 1_000, text: "cancelled" });
  while ((await foldersOf(started)).length > 0) await realClock.sleep(20);
  await expect(fetch(url)).rejects.toThrow("fetch failed");
  expect(await namesOfProcessesIn(started.tmpDir)).toEqual([]);
});

test("the next preview takes the place of the one before, on the same port", async ({ expect }) => {
  const { started, preview } = await openStage();
  const infra = await makeFrontend();
  await preview("p1", infra);
  expect(await preview("p2", infra)).toMatchObject({ state: "done", result: { preview: {} } });
  expect(await foldersOf(started)).toHaveLength(1);
  expect((await fetch(`http://localhost:${infra.servePort}`)).status).toBe(200);
  await started.harness.shutdown.onSignal("SIGTERM");
  expect(await namesOfProcessesIn(started.tmpDir)).toEqual([]);
});

test("a harness that is ended takes its preview with it", async ({ expect }) => {
  const { started, preview } = await openStage();
  const infra = await makeFrontend();
  await preview("p1", infra);
  await started.harness.shutdown.onSignal("SIGTERM");
  await started.exited;
  await expect(fetch(`http://localhost:${infra.servePort}`)).rejects.toThrow("fetch failed");
  expect(await foldersOf(started)).toEqual([]);
});
