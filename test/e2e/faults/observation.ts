import type { ExecutionEvent } from "../../../shared/events.ts";
import type { JobView } from "../../../shared/job-view.ts";
import type { Expected } from "./matrix.ts";
import type { Stage } from "./stage.ts";

/** What became of a cell's execution, read when nothing of it is left to happen. */
export type Observation = {
  readonly view: JobView;
  readonly ahead: JobView | null;
  readonly events: readonly ExecutionEvent[];
  /** From the injection to the first verdict after it; null where none was due. */
  readonly verdictMs: number | null;
};

export async function observe(stage: Stage, injectedAt: number): Promise<Observation> {
  await stage.until(({ state }) => state !== "running");
  const view = await stage.until(({ deadlines }) => deadlines.every(({ name }) => name === "retention"));
  const events = await stage.events();
  const verdict = events.find(({ kind, at }) => kind === "verdict" && at >= injectedAt);
  return {
    view,
    ahead: stage.phase === "queued" ? await stage.view(stage.ahead.jobId) : null,
    events,
    verdictMs: verdict === undefined ? null : verdict.at - injectedAt,
  };
}

/** How a job ended, in the words of the page. */
export function describeEnd({ view, ahead }: Observation): string {
  const kinds = view.recoveries.map(({ evicted }) => evicted);
  return words({
    status: view.status,
    code: view.outcome?.code ?? "none",
    attempts: String(view.attempt),
    recoveries: kinds,
    ahead: ahead?.outcome?.code ?? null,
  });
}

/** Every end that the matrix allows, in the same words. */
export function describeExpected({ status, code, attempts, recoveries, ahead }: Expected): readonly string[] {
  return attempts.flatMap((attempt) =>
    recoveries.map((kinds) =>
      words({ status, code, attempts: String(attempt), recoveries: kinds, ahead: ahead ?? null }),
    ),
  );
}

function words(end: {
  readonly status: string;
  readonly code: string;
  readonly attempts: string;
  readonly recoveries: readonly string[];
  readonly ahead: string | null;
}): string {
  const { status, code, attempts, recoveries, ahead } = end;
  const how = status === code ? status : `${status}, ${code}`;
  const tries = attempts === "1" ? "" : `; attempt ${attempts}`;
  const healed = recoveries.length === 0 ? "" : `; healed ${recoveries.join(", ")}`;
  return `${how}${tries}${healed}${ahead === null || ahead === "done" ? "" : `; the job ahead ${ahead}`}`;
}
