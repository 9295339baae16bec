import { lstat, readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "vitest";
import { createFlow } from "../../../container/flows/flows.ts";
import { systemRandom } from "../../../container/system.ts";
import { PreviewJob } from "../../../shared/job-body.ts";
import type { JobInfra } from "../../../shared/job-body/infra.ts";
import type { Terminal } from "../../../shared/job-result.ts";
import { type GitHost, ghToken, startGitHost } from "../git-host.ts";
import { fastClock, layPrograms, makeFrontend, occupy, usual } from "../infra/site.ts";
import { exists } from "../infra/wait.ts";
import { makeFolder, namesOfProcessesIn } from "../job-folder.ts";
import { makeJob } from "../make-job.ts";
import { type RecordingContext, makeContext, stopped } from "../recording-context.ts";

type Preview = {
  readonly folder: string;
  readonly host: GitHost;
  readonly recording: RecordingContext;
  readonly programs: Awaited<ReturnType<typeof layPrograms>>;
  readonly checkout: string;
  readonly run: () => Promise<Terminal>;
};

async function openPreview(
  infra: JobInfra | undefined,
  over: {
    readonly programs?: Readonly<Record<string, string>>;
    readonly job?: Partial<PreviewJob>;
    readonly before?: (host: GitHost) => Promise<unknown>;
    readonly ownsAccount?: () => boolean;
  } = {},
): Promise<Preview> {
  const folder = await makeFolder();
  const host = await startGitHost(folder, { "web/index.html": "<p>", "README.md": "hello\n" });
  await over.before?.(host);
  const programs = await layPrograms(join(folder, "bin"), { ...usual, ...over.programs });
  const recording = await makeContext(folder, { secrets: [ghToken] });
  const usualJob = makeJob();
  const job = PreviewJob.parse({
    ...usualJob,
    mode: "preview",
    infra,
    ...over.job,
    repo: { ...usualJob.repo, ...over.job?.repo, cloneUrl: host.cloneUrl },
  });
  const flow = createFlow({
    clock: fastClock(5),
    env: { ...process.env, PATH: programs.path },
    fetch,
    random: systemRandom,
    workspaces: { root: join(folder, "workspaces"), keep: [] },
    user: null,
    ownsAccount: over.ownsAccount ?? (() => false),
  });
  const run = (): Promise<Terminal> => flow(job, recording.context);
  return { folder, host, recording, programs, run, checkout: join(recording.context.folder, "checkout") };
}

const phases = ({ reported }: RecordingContext): readonly string[] =>
  reported.flatMap((entry) => (entry.kind === "phase" ? [entry.phase] : []));

test("a preview stays up when its job is done, until it is closed", async ({ expect }) => {
  const infra = await makeFrontend();
  let askedForAccount = 0;
  const ownsAccount = (): boolean => {
    askedForAccount += 1;
    return false;
  };
  const preview = await openPreview(infra, { ownsAccount });
  const url = `http://localhost:${infra.servePort}`;
  expect(await preview.run()).toEqual({
    state: "done",
    result: {
      summary: `Frontend preview built and served at ${url}.`,
      preview: { url },
      infraSetup: {
        started: true,
        at: expect.any(Number),
        durationMs: expect.any(Number),
        logs: "out install\nout run build",
      },
    },
  });
  expect(phases(preview.recording)).toEqual(["clone", "serve"]);
  expect((await fetch(url)).status).toBe(200);
  askedForAccount = 0;
  await preview.recording.closeKept();
  // by then the account may be at work for the next job
  expect(askedForAccount).toBe(0);
  await expect(fetch(url)).rejects.toThrow("fetch failed");
  expect(await namesOfProcessesIn(preview.folder)).toEqual([]);
  expect(preview.recording.reported.filter(({ kind }) => kind === "note")).toEqual([]);
});

test("a preview is built in its service's folder, with the whole history where that is asked for", async ({
  expect,
}) => {
  const { repo } = makeJob();
  for (const full of [true, false]) {
    const preview = await openPreview(await makeFrontend(), {
      job: { full, repo: { ...repo, serviceDirectory: "web" } },
      before: (host) => host.commitElsewhere("main", "second"),
    });
    const end = await preview.run();
    expect(end).toMatchObject({ result: { preview: {} } });
    expect((await lstat(join(preview.checkout, "web", "dist"))).isDirectory()).toBe(true);
    const isShallow = await lstat(join(preview.checkout, ".git", "shallow")).then(
      () => true,
      () => false,
    );
    expect(isShallow).toBe(!full);
    expect(await readFile(join(preview.checkout, ".git", "config"), "utf8")).not.toContain(ghToken);
    await preview.recording.closeKept();
  }
});

test("a preview whose WireMock is not up says so beside its address", async ({ expect }) => {
  const infra = await makeFrontend();
  const preview = await openPreview(infra, { programs: { java: "exit 1" } });
  const end = await preview.run();
  const url = `http://localhost:${infra.servePort}`;
  expect(end).toMatchObject({
    result: {
      preview: { url },
      infraSetup: { started: true },
      summary: expect.stringMatching(
        /^Frontend preview built and served at \S+ \(WireMock is not up: .*\)\.$/su,
      ),
    },
  });
});

test("a preview that does not come up is an unusable result and leaves nothing running", async ({
  expect,
}) => {
  const infra = await makeFrontend();
  const preview = await openPreview(infra, { programs: { serve: "echo no dist >&2; exit 2" } });
  expect(await preview.run()).toMatchObject({
    state: "done",
    result: {
      error: expect.stringMatching(/^the frontend preview did not come up \(.*no dist\)$/su),
      failureCause: "no-usable-output",
      infraSetup: { started: false },
    },
  });
  expect(await namesOfProcessesIn(preview.folder)).toEqual([]);
});

test("a preview on a taken port does not show somebody else's server", async ({ expect }) => {
  const infra = await makeFrontend();
  await occupy(infra.servePort);
  const preview = await openPreview(infra);
  expect(await preview.run()).toMatchObject({
    result: {
      error: `the frontend preview did not come up (port ${infra.servePort} is in use by another process)`,
    },
  });
});

test("a preview without a frontend is an invalid job, and nothing is cloned", async ({ expect }) => {
  const service: JobInfra = { kind: "service", environment: "local", noInfraDependencies: false };
  for (const infra of [undefined, service]) {
    const preview = await openPreview(infra);
    expect(await preview.run()).toEqual({
      state: "done",
      result: {
        error: "invalid preview job: 'infra.kind' must be 'frontend'",
        failureCause: "no-usable-output",
      },
    });
    expect(phases(preview.recording)).toEqual([]);
  }
});

test("a preview that its longest duration ends while it is built has failed for that reason", async ({
  expect,
}) => {
  const preview = await openPreview(await makeFrontend(), {
    programs: { pnpm: `touch "$MARKS/started"; sleep 100` },
  });
  const running = preview.run();
  await exists(preview.programs.mark("started"));
  const text = "Aborted: exceeded max duration of 3600s";
  preview.recording.stop({ kind: "stop", cause: "max-duration", graceMs: 1_000, text });
  expect(await running).toMatchObject({
    state: "failed",
    error: text,
    failureCause: "max-duration",
    result: { infraSetup: { started: false } },
  });
  expect(await namesOfProcessesIn(preview.folder)).toEqual([]);
});

test("a preview of a branch that does not exist has failed in git", async ({ expect }) => {
  const preview = await openPreview(await makeFrontend(), { job: { branch: "nope" } });
  expect(await preview.run()).toMatchObject({ state: "failed", failureCause: "git" });
  expect(await preview.programs.calls()).toEqual([]);
});

test("a preview that is stopped before it begins stands nothing up", async ({ expect }) => {
  const preview = await openPreview(await makeFrontend());
  preview.recording.stop(stopped);
  expect(await preview.run()).toMatchObject({ state: "failed", error: "cancelled: not needed" });
  expect(await preview.programs.calls()).toEqual([]);
});
