import type { Directive } from "../../shared/beat.ts";
import type { AttemptEnvelope } from "../../shared/harness-wire.ts";
import type { AgentJob } from "../../shared/job-body.ts";
import type { Terminal } from "../../shared/job-result.ts";
import type { BeatClient, BeatOptions, Liveness } from "../beats.ts";
import { fitTerminal } from "../beats/terminal.ts";
import type { StandaloneLimits } from "../config.ts";
import type { Log, Random } from "../ports.ts";
import { redactTerminal } from "./fit.ts";
import { type JobDeps, type RunningJob, startJob } from "./job.ts";
import { type JobLimits, toJobLimits } from "./limits.ts";
import { type FolderOwner, folderNameOf } from "./predecessors.ts";
import { stopText } from "./stop-text.ts";
import { Telemetry } from "./telemetry.ts";

/** The part of a beat client's options that differs from job to job. */
export type AttemptBeats = Omit<BeatOptions, "fetch" | "clock" | "url">;

export type EntryDeps = JobDeps & {
  readonly random: Random;
  /** Part of the names of the jobs' folders. */
  readonly self: FolderOwner;
  readonly boot: string;
  readonly limits: StandaloneLimits;
  readonly startBeats: (options: AttemptBeats) => BeatClient;
  /** Another attempt owns the job, so this process has no business any more; its work has ended. */
  readonly onFenced: () => void;
};

export type EntryParts = {
  readonly job: AgentJob;
  readonly envelope: AttemptEnvelope | null;
  /** Work begins when this settles. */
  readonly after: Promise<unknown>;
};

export type StopWish = {
  readonly cause: string;
  readonly graceMs: number;
  readonly reason?: string | undefined;
};

/** One accepted job: its work, and its way to the object where it has one. */
export type Entry = {
  readonly id: string;
  /** Null for a job that came without an attempt. */
  readonly attempt: number | null;
  readonly telemetry: Telemetry;
  readonly running: RunningJob;
  readonly beats: BeatClient | null;
  readonly limits: JobLimits;
  /** Null while the job is at work. */
  readonly terminal: () => Terminal | null;
  /** Settles when the end is stored at the object, or nobody waits for it. */
  readonly delivered: Promise<void>;
  readonly stop: (wish: StopWish) => void;
  /** The process cannot go on: nothing is pushed any more, and this is told as the end. Settles when both are so. */
  readonly crash: (text: string) => Promise<void>;
  /** A later attempt of the same job begins in this process. */
  readonly supersede: () => void;
};

export function startEntry(deps: EntryDeps, { job, envelope, after }: EntryParts): Entry {
  const attempt = envelope?.attempt ?? null;
  const { jobId, mode, repo, branch } = job;
  const log = deps.log.child({
    jobId,
    mode,
    repo: `${repo.owner}/${repo.name}`,
    branch,
    ...(envelope !== null && { executionId: envelope.executionId, round: envelope.round, attempt }),
  });
  const limits = toJobLimits(deps.limits, envelope);
  const telemetry = new Telemetry({
    clock: deps.clock,
    redact: deps.secrets.redact,
    emit: (event) => {
      if (event.kind === "note") logNote(log, event);
      beats?.push(event);
    },
  });
  const owner = { isStale: false, isSuperseded: false };
  const stop = (wish: StopWish): void => {
    const { cause, graceMs } = wish;
    running.stop({ kind: "stop", cause, graceMs, text: stopText(wish, telemetry, limits) });
  };
  const running = startJob(
    { ...deps, log },
    {
      job,
      folderName: folderNameOf(deps.self, deps.random.id()),
      limits,
      baseCommit: envelope?.baseCommit ?? null,
      telemetry,
      after,
    },
  );
  const beats =
    envelope &&
    deps.startBeats({
      log,
      beatKey: envelope.beatKey,
      nextBeatMs: envelope.nextBeatMs,
      identity: { jobId: job.jobId, attempt: envelope.attempt, instance: envelope.instance, boot: deps.boot },
      liveness: () => livenessOf(telemetry),
      onDirective: (directive) => carryOut(directive, { stop, extend: running.extend }),
      onStale: () => {
        owner.isStale = true;
        running.stop({ kind: "fenced" });
      },
    });
  let terminal: Terminal | null = null;
  const deliver = async (): Promise<void> => {
    // Who polls gets what a beat would bring: an answer beyond the object's bound counts as none.
    terminal = fitTerminal(await running.ended, "whole");
    const isSettled = terminal.state === "done" || running.stopReason()?.kind !== "drain";
    if (owner.isSuperseded || owner.isStale) beats?.close();
    // A drained job has not ended: the next attempt goes on with it, and the goodbye says so.
    else if (isSettled) await beats?.finish(terminal);
    else await beats?.closed;
    if (owner.isStale && !owner.isSuperseded) deps.onFenced();
  };
  log.write("info", "job.started");
  return {
    id: job.jobId,
    attempt,
    telemetry,
    running,
    beats,
    limits,
    terminal: () => terminal,
    delivered: deliver(),
    stop,
    crash: async (text) => {
      running.stop({ kind: "killed" });
      const { redact, redactKnown } = deps.secrets;
      const end: Terminal = { state: "failed", error: text, failureCause: "agent" };
      await Promise.all([beats?.finish(redactTerminal(end, redact, redactKnown)), running.ended]);
    },
    supersede: () => {
      owner.isSuperseded = true;
      running.stop({ kind: "fenced" });
      beats?.close();
    },
  };
}

/** Without an object to report to, the log is all that keeps a note. Where the work began is no surprise; the others are. */
function logNote(log: Log, { code, text }: { readonly code: string; readonly text: string }): void {
  log.write(code === "base-commit" ? "info" : "warn", "job.note", { code, text });
}

function livenessOf(telemetry: Telemetry): Liveness {
  const { phase, progress } = telemetry;
  return {
    phase,
    outputAgeMs: telemetry.outputAgeMs(),
    toolAgeMs: telemetry.toolAgeMs(),
    ...(progress !== undefined && { progress }),
  };
}

function carryOut(
  directive: Directive,
  on: { readonly stop: (wish: StopWish) => void; readonly extend: RunningJob["extend"] },
): void {
  switch (directive.kind) {
    case "stop":
      on.stop(directive);
      break;
    case "extend":
      on.extend(directive);
      break;
  }
}
