import { isDeepStrictEqual } from "node:util";
import { completeExecution, completeJob } from "../../worker/execution/storage/upgrade.ts";
import type { ExecutionState } from "../../worker/execution/state.ts";
import type { World } from "./world.ts";

/** A field that only a later version knows; it has to survive this one. */
export const LATER_FIELD = "ofALaterVersion";

/** What the next incarnation reads of what was stored: rows of JSON, completed as older rows are. */
export function written(state: ExecutionState | null, world: World): ExecutionState | null {
  if (state === null) return null;
  const read = complete(asJson(state));
  if (!isDeepStrictEqual(read, state)) world.violated("invariant 15", "a state is not what was stored of it");
  return world.faults.strikes("upgraded") ? complete(asJson(state, { [LATER_FIELD]: 1 })) : read;
}

function complete({ jobs, ...rest }: ExecutionState): ExecutionState {
  return { ...completeExecution(rest), jobs: jobs.map((job) => completeJob(job)) };
}

function asJson(
  { jobs, ...rest }: ExecutionState,
  more: Readonly<Record<string, number>> = {},
): ExecutionState {
  const rows = jobs.map((job) => ({ ...job, ...more }));
  const state: ExecutionState = JSON.parse(JSON.stringify({ ...rest, ...more, jobs: rows }));
  return state;
}
