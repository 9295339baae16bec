import { type ExecutionState, fits, type Instance, type Job, largest, leadingPolicy } from "../state.ts";
import { type Deadline, deadlineOf } from "./deadline.ts";
import { givenUpAt } from "./job.ts";

/** A live container is looked after at least this often, whatever the scale: its slot and its keep-alive would lapse. */
export const TICK_MS = 30_000;

export function deadlinesOfContainer(
  state: ExecutionState,
  instance: Instance,
  job: Job | null,
): readonly Deadline[] {
  if (instance.exit !== null) {
    const why = "the container's end is judged; a last beat may still come";
    return [deadlineOf(null, "judge-exit", instance.exit.judgeAt, why)];
  }
  const scale = leadingPolicy(state)?.scale ?? 1;
  const tickAt = instance.lastTickAt + Math.max(1, Math.round(TICK_MS * Math.min(1, scale)));
  const found: Deadline[] = [deadlineOf(null, "tick", tickAt, "the container is looked after")];
  // At the sigterm stage the destroy has its own deadline; elsewhere an intent is retried until death is proved.
  if (instance.intent !== null && (job?.stop == null || job.stop.stage === "destroy")) {
    const why = "the destroy is tried again unless death is proved";
    const { retryAt } = instance.intent;
    const at = job?.stop == null ? retryAt : Math.min(retryAt, givenUpAt(job, job.stop));
    found.push(deadlineOf(job, "stop-retry", at, why));
  }
  if (instance.intent !== null) return found;
  if (state.idleSince !== null && job === null) found.push(unneeded(state, instance, state.idleSince));
  // A job that this container is not for waits until nobody looks at its preview any more.
  const { previewUntil } = instance;
  if (job?.status === "queued" && previewUntil !== undefined && !fits(instance, job)) {
    found.push(previewDeadline(previewUntil));
  }
  return found;
}

function previewDeadline(at: number): Deadline {
  const why = "the preview and its container end; a release ends them earlier";
  return { ...deadlineOf(null, "preview", at, why), extendable: true };
}

/** When a container that no job needs ends: after a preview's time, else after the idle time. */
function unneeded(state: ExecutionState, instance: Instance, idleSince: number): Deadline {
  const idleAt = idleSince + largest(state, "idleMs");
  const { previewUntil = 0 } = instance;
  if (previewUntil <= idleAt)
    return deadlineOf(null, "idle", idleAt, "the container is destroyed unless a job comes");
  return previewDeadline(previewUntil);
}
