import type { Status } from "../../shared/job-view.ts";
import type { Happening } from "../../worker/execution/input.ts";
import { ALL_FITS, BOOT, DONE, JOB, makeBeat, makeOutput, makePolicy, makeRequest } from "./build.ts";
import { Run, runningRun } from "./run.ts";

/** A state worth a row of the lifecycle's table, and the status its job has there. */
export type Situation = { readonly status: Status; readonly make: () => Run };

/** Longer than any history here, so that no deadline passes unless a test means it to. */
const policy = makePolicy({ stopGraceMs: 60_000, killGraceMs: 60_000 });

const healing = { ...policy, recovery: "heal" as const };

export const situations = {
  "queued for capacity": {
    status: "queued",
    make: () => {
      const run = new Run();
      run.dispatch({ policy });
      run.startFailed("no-capacity", 100);
      return run;
    },
  },
  "queued for a slot": {
    status: "queued",
    make: () => {
      const run = new Run();
      run.grants = false;
      run.dispatch({ policy });
      return run;
    },
  },
  "queued behind another": {
    status: "queued",
    make: () => {
      const run = runningRun({ jobId: "run_1-first", policy });
      run.dispatch({ policy });
      return run;
    },
  },
  "starting, start() not yet called": {
    status: "starting",
    make: () => {
      const run = new Run();
      run.dispatch({ policy });
      return run;
    },
  },
  "starting, probed": {
    status: "starting",
    make: () => {
      const run = new Run();
      run.dispatch({ policy });
      run.started(100);
      return run;
    },
  },
  "starting, handed over": {
    status: "starting",
    make: () => {
      const run = new Run();
      run.dispatch({ policy });
      run.started(100);
      run.ready(900);
      return run;
    },
  },
  running: { status: "running", make: () => runningRun({ policy }) },
  "running, read for want of beats": {
    status: "running",
    make: () => {
      const run = new Run();
      run.dispatch({ policy });
      run.started(100);
      run.ready(900);
      run.give({ kind: "accepted", ...attemptOf(run), boot: null, beats: false });
      return run;
    },
  },
  "recovering, its container not proved dead": {
    status: "recovering",
    make: () => {
      const run = runningRun({ policy: healing });
      run.tick(45_000);
      run.answered({ kind: "unknown-job" });
      return run;
    },
  },
  "starting again after a loss": {
    status: "starting",
    make: () => {
      const run = runningRun({ policy: healing });
      run.exited(1, 100);
      run.tick(5_000);
      return run;
    },
  },
  "running, asked": {
    status: "running",
    make: () => {
      const run = runningRun({ policy });
      run.tick(30_000);
      run.tick(15_000);
      return run;
    },
  },
  "running, its exit seen": {
    status: "running",
    make: () => {
      const run = runningRun({ policy });
      run.exited(1, 100);
      return run;
    },
  },
  "stopping, told": {
    status: "stopping",
    make: () => {
      const run = runningRun({ policy });
      run.cancel(100);
      return run;
    },
  },
  "stopping, SIGTERM sent": {
    status: "stopping",
    make: () => {
      const run = runningRun({ policy });
      run.cancel(100);
      run.tick(30_000);
      run.tick(30_000);
      return run;
    },
  },
  "stopping, to be destroyed": {
    status: "stopping",
    make: () => {
      const run = new Run();
      run.dispatch({ policy });
      run.started(100);
      run.cancel(100);
      return run;
    },
  },
  "done, its container idle": {
    status: "done",
    make: () => {
      const run = runningRun({ policy });
      run.beat({ terminal: DONE }, 100);
      return run;
    },
  },
  "failed, its container idle": {
    status: "failed",
    make: () => {
      const run = new Run();
      run.dispatch({ policy });
      run.started(100);
      run.ready(900);
      run.give({ kind: "refused", instance: run.instance.id, jobId: JOB, attempt: 1, error: "bad body" });
      return run;
    },
  },
  "cancelled, its container gone": {
    status: "cancelled",
    make: () => {
      const run = runningRun({ policy });
      run.cancel(100);
      run.exited(143, 100);
      return run;
    },
  },
  "released, its container gone": {
    status: "cancelled",
    make: () => {
      const run = runningRun({ policy });
      run.release(100);
      run.exited(143, 100);
      return run;
    },
  },
  "evicted, its container gone": {
    status: "evicted",
    make: () => {
      const run = runningRun({ policy });
      run.exited(1, 100);
      run.tick(5_000);
      return run;
    },
  },
} as const satisfies Record<string, Situation>;

export type SituationName = keyof typeof situations;

const NO_INSTANCE = "instance-none";

/** One input of every kind, as it comes from whoever is up to date. */
export const samples = {
  dispatch: () => ({ kind: "dispatch", request: makeRequest({ policy }), keyId: "key-1" }),
  tick: () => ({ kind: "tick" }),
  woke: (run) => ({ kind: "woke", running: run.it.instance !== null && run.it.instance.exit === null }),
  cancel: () => ({ kind: "cancel", jobId: JOB, reason: "not wanted" }),
  release: () => ({ kind: "release", reason: "all done" }),
  extend: (run) => ({ kind: "extend", jobId: JOB, deadline: "max-duration", until: run.now + 3_660_000 }),
  slot: () => ({ kind: "slot", answer: { kind: "granted" } }),
  "slot-hint": () => ({ kind: "slot-hint" }),
  take: () => ({ kind: "take", jobId: JOB, running: ALL_FITS, ended: ALL_FITS }),
  started: (run) => ({ kind: "started", instance: liveId(run) }),
  "start-failed": (run) => ({
    kind: "start-failed",
    instance: liveId(run),
    cause: "no-capacity",
    message: "no room",
  }),
  ready: (run) => ({ kind: "ready", instance: liveId(run), boot: BOOT }),
  "probe-noted": (run) => ({ kind: "probe-noted", instance: liveId(run), text: "connection refused" }),
  foreign: (run) => ({ kind: "foreign", instance: liveId(run), seen: "another-instance" }),
  accepted: (run) => ({ kind: "accepted", ...attemptOf(run), boot: BOOT, beats: true }),
  refused: (run) => ({ kind: "refused", ...attemptOf(run), error: "bad body" }),
  "spec-unreadable": (run) => ({ kind: "spec-unreadable", jobId: JOB, attempt: run.job.attempt }),
  beat: (run) => {
    const { jobId, attempt, instance } = attemptOf(run);
    return {
      kind: "beat",
      beat: makeBeat({ jobId, attempt, instance, events: [makeOutput(1)] }),
    };
  },
  answered: (run) => ({
    kind: "answered",
    ...attemptOf(run),
    answer: { kind: "no-answer", text: "refused" },
  }),
  polled: (run) => ({ kind: "polled", ...attemptOf(run), answer: { kind: "unknown-job" } }),
  "stop-told": (run) => ({
    kind: "stop-told",
    instance: liveId(run),
    jobId: JOB,
    ok: true,
    text: "the harness took the stop",
  }),
  signalled: (run) => ({ kind: "signalled", instance: liveId(run), signo: 15, ok: true, text: "sent" }),
  exited: (run) => ({ kind: "exited", instance: liveId(run), code: 1, message: "exit 1" }),
  dead: (run) => ({ kind: "dead", instance: liveId(run), proof: "destroy() resolved" }),
  "destroy-unproved": (run) => ({ kind: "destroy-unproved", instance: liveId(run), text: "no proof" }),
  resetting: () => ({ kind: "resetting" }),
  "internal-error": () => ({ kind: "internal-error", text: "a defect" }),
} as const satisfies { [kind in Happening["kind"]]: (run: Run) => Extract<Happening, { kind: kind }> };

export type InputKind = Happening["kind"];

/** What names a dead container names the last one: late words of it are the ones that do arrive. */
function liveId(run: Run): string {
  return run.it.instance?.id ?? run.it.lastInstance?.id ?? NO_INSTANCE;
}

function attemptOf(run: Run): {
  readonly instance: string;
  readonly jobId: string;
  readonly attempt: number;
} {
  return {
    instance: run.job.current?.instance ?? liveId(run),
    jobId: JOB,
    attempt: Math.max(1, run.job.attempt),
  };
}
