import type { HarnessView } from "../../../shared/harness-wire.ts";
import type { Crowd } from "./crowd.ts";
import type { Planting } from "./planting.ts";

/** A planting that was carried out twice: by Holt as a whole, and by the harness alone. */
export type Carried = {
  readonly planting: Planting;
  readonly place: string;
  readonly names: readonly string[];
  readonly ends: readonly CarriedEnd[];
};

export type CarriedEnd = { readonly state: string; readonly error: string };

export async function carryOut(planting: Planting, crowd: Crowd): Promise<Carried> {
  const { world, lone, ears } = crowd;
  const { place, job, order } = planting;
  const execution = `exec_${place.replaceAll("-", "")}`;
  const names = [`${execution}-whole`, `${execution}-lone`] as const;
  const [whole, alone] = names.map((name) => job(world, name, ears));
  if (whole === undefined || alone === undefined) throw new Error("two names make two jobs");
  const lift = order?.(world);
  const dispatched = world.dispatch(whole).then(() => world.ended(whole.jobId));
  const [view, told] = await Promise.all([dispatched, lone.carryOut(alone)]);
  lift?.();
  for (const path of readsOf(execution, whole.jobId)) await world.fetch(path);
  return { planting, place, names, ends: [view, told].map(toEnd) };
}

/** What a job that is done could not achieve all the same stands in its result. */
function toEnd({ state, error, result }: Pick<HarnessView, "state" | "error" | "result">): CarriedEnd {
  return { state, error: error ?? result?.infraSetup?.error ?? result?.error ?? "" };
}

/** Every way in which a job can be read; the last one takes delivery. */
function readsOf(execution: string, jobId: string): readonly string[] {
  const native = `/v1/executions/${execution}`;
  return [
    native,
    `${native}/events?limit=1000`,
    `${native}/jobs/${jobId}`,
    `${native}/jobs/${jobId}?after=0`,
    `${native}/jobs/${jobId}?result=full`,
    `/jobs/${jobId}?after=0`,
    `/jobs/${jobId}`,
  ];
}
