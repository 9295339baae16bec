import type { LogIds } from "../../ports.ts";
import type { Effect } from "../effect.ts";
import type { Happening } from "../input.ts";
import type { Stepped } from "../lifecycle.ts";
import type { ExecutionState, Instance, Job, Recovery } from "../state.ts";

/** One input that moved the state, after it was written: what the log and the metrics are told of. */
export type Turned = {
  readonly before: ExecutionState | null;
  readonly after: ExecutionState;
  readonly stepped: Pick<Stepped, "events">;
  readonly happening: Happening;
  readonly now: number;
};

/** A job that changed, with what it was before; null where this round of it is new. */
export type JobChange = { readonly old: Job | null; readonly job: Job };

export function changedJobs({ before, after }: Turned): readonly JobChange[] {
  return after.jobs.flatMap((job) => {
    const old = before?.jobs.find(({ jobId, round }) => jobId === job.jobId && round === job.round) ?? null;
    return old === job ? [] : [{ old, job }];
  });
}

/** The instance that this turn took off the state: its death is proved. */
export function buriedBy({ before, after }: Turned): Instance | null {
  const old = before?.instance ?? null;
  return old === null || old.id === after.instance?.id ? null : old;
}

/** A start that came to nothing while a job waited for it and nobody had asked for the end of either. */
export type FailedStart = {
  readonly instance: Instance;
  readonly job: Job;
  readonly cause: string;
  readonly message: string;
};

export function failedStart(turned: Turned): FailedStart | null {
  const { before, happening } = turned;
  const instance = buriedBy(turned);
  const job = before?.jobs.find(({ status }) => status === "starting") ?? null;
  // Of one that was only written nothing was ever started.
  const isWritten = instance?.phase === "written" && happening.kind !== "start-failed";
  if (instance === null || job === null || instance.phase === "ready" || isWritten) return null;
  if (happening.kind === "start-failed") {
    return { instance, job, cause: happening.cause, message: happening.message };
  }
  if (instance.intent !== null) {
    return { instance, job, cause: "not-ready", message: instance.intent.text };
  }
  const message = "message" in happening ? (happening.message ?? "") : "";
  return { instance, job, cause: "exited", message };
}

/** The loss this turn healed; the job may have gone on to its next start within the same turn. */
export function recoveryIn({ old, job }: JobChange): Recovery | null {
  return old === null || old.recoveries === job.recoveries ? null : (job.recoveries.at(-1) ?? null);
}

export function idsOfJob({ jobId, round, attempt, current }: Job): LogIds {
  return { jobId, round, attempt, ...(current === null ? {} : { instance: current.instance }) };
}

export function idsOfEffect(effect: Effect): LogIds {
  return {
    ...("jobId" in effect && { jobId: effect.jobId }),
    ...("attempt" in effect && { attempt: effect.attempt }),
    ...("instance" in effect && { instance: effect.instance }),
  };
}
