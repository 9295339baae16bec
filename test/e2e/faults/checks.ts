/** What must be so in every cell, whatever its fault: each check returns what is not. */
import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import type { ExecutionEvent } from "../../../shared/events.ts";
import { findEvent, seqsOf } from "../log.ts";
import { type Life, mostAtOnce } from "./live-containers.ts";
import type { Observation } from "./observation.ts";
import type { Stage } from "./stage.ts";

const run = promisify(execFile);

/** A checkpoint may begin this long after a commit, by the default policy. */
const CHECKPOINT_MS = 60_000;
/** One push of the sample, on a machine that does other things too. */
const PUSH_MS = 5_000;

export async function violationsOf(
  stage: Stage,
  seen: Observation,
  { injectedAt, lives }: { readonly injectedAt: number; readonly lives: readonly Life[] },
): Promise<readonly string[]> {
  return [
    ...[stage.body, stage.ahead].flatMap(({ jobId }) => uncountedGaps(seen.events, jobId)),
    ...cancelIn(seen),
    ...oneEnd(stage, seen),
    ...(await oneContainer(stage, lives)),
    ...(await survivors(stage)),
    ...(await lostCommits(stage, seen, injectedAt)),
  ];
}

/**
 * Numbers of a harness's events are dense: a hole that no gap of its attempt counts was lost in silence. So was, where an
 * attempt was lost, whatever it had not sent.
 */
export function uncountedGaps(events: readonly ExecutionEvent[], jobId: string): readonly string[] {
  const ofJob = events.filter((event) => event.jobId === jobId);
  const attempts = new Set(
    ofJob.flatMap(({ attempt }) => (attempt === null || attempt === 0 ? [] : attempt)),
  );
  return [...attempts].flatMap((attempt) => {
    const own = ofJob.filter((event) => event.attempt === attempt);
    const seqs = seqsOf(own, jobId, attempt);
    const isDense = seqs.every((seq, index) => seq === index + 1);
    const isLost = own.some(({ kind, decision }) => kind === "verdict" && decision !== undefined);
    const isCounted = own.some(({ kind }) => kind === "gap");
    if (isCounted || (isDense && !isLost)) return [];
    return [`attempt ${attempt} of ${jobId} has an uncounted gap: ${isLost ? "it was lost" : seqs.join()}`];
  });
}

function cancelIn({ view, events }: Observation): readonly string[] {
  if (view.status !== "cancelled") return [];
  const proof = findEvent(events, "instance-exited");
  return proof === undefined ? ["cancelled without a proof of death"] : [];
}

function oneEnd({ body }: Stage, { events }: Observation): readonly string[] {
  const ends = events.filter(({ kind, jobId }) => kind === "terminal" && jobId === body.jobId);
  const errors = events.filter(({ kind }) => kind === "internal-error");
  return [
    ...(ends.length === 1 ? [] : [`the job has ${ends.length} ends`]),
    ...errors.map((event) => `an internal error: ${JSON.stringify(event)}`),
  ];
}

async function oneContainer(stage: Stage, lives: readonly Life[]): Promise<readonly string[]> {
  const instances = new Set((await stage.containers()).map(({ env }) => env["HARNESS_INSTANCE"]));
  const most = mostAtOnce(lives.filter(({ instance }) => instances.has(instance)));
  return most <= 1 ? [] : [`${most} containers lived at once`];
}

/** Nothing of a container's processes, its agent's included, and no container. */
async function survivors(stage: Stage): Promise<readonly string[]> {
  const containers = await stage.containers();
  const living = containers.filter(({ state }) => state === "created" || state === "running");
  const folders = containers.map(({ home }) => `${dirname(home)}/`);
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/u.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const environment = await readFile(`/proc/${pid}/environ`, "latin1").catch(() => "");
      return folders.some((folder) => environment.includes(`=${folder}`)) ? [pid] : [];
    }),
  );
  return [
    ...living.map(({ name }) => `container ${name} lives on`),
    ...found.flat().map((pid) => `process ${pid} lives on`),
  ];
}

/** What the branch once had, and what was committed long enough before the fault, is on it; of a job that is done, everything. */
async function lostCommits(
  stage: Stage,
  { view }: Observation,
  injectedAt: number,
): Promise<readonly string[]> {
  const before = injectedAt - CHECKPOINT_MS * stage.scale - PUSH_MS;
  const commits = stage.agent.commits();
  const last = view.status === "done" ? commits.slice(-1) : [];
  const pushed = stage.git
    .pushes()
    .flatMap(({ updates }) => updates)
    .filter(({ ref }) => ref === `refs/heads/${stage.branch}`)
    .map(({ after }) => ({ sha: after }));
  const due = [...pushed, ...commits.filter(({ at }) => at < before), ...last];
  const repository = stage.git.repositoryPath(stage.repository.owner, stage.repository.name);
  const lost = await Promise.all(
    due.map(async ({ sha }) => {
      const args = ["merge-base", "--is-ancestor", sha, `refs/heads/${stage.branch}`];
      return run("git", ["-C", join(repository), ...args]).then(
        () => [],
        () => [`commit ${sha} is not on the branch`],
      );
    }),
  );
  return lost.flat();
}
