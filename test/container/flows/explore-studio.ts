import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { StopReason } from "../../../container/job-context.ts";
import type { Reported } from "../recording-context.ts";
import { makeJob } from "../make-job.ts";
import { ExploreJob } from "../../../shared/job-body.ts";
import { type Studio, type StudioOptions, openStudio } from "./studio.ts";

/** Shell functions for an agent's answers that have something about them. */
const answers = `
answer() { event '{"type":"message_end","message":{"role":"assistant","content":'"$1"',"stopReason":"'"$2"'"}}'; }
say_json() { answer '[{"type":"text","text":"'"$(printf '%s' "$1" | sed 's/"/\\\\"/g')"'"}]' stop; }
fail_model() { event '{"type":"message_end","message":{"role":"assistant","content":[],"stopReason":"error","errorMessage":"'"$1"'"}}'; }
`;

export type ExploreOptions = Omit<StudioOptions, "agent" | "job" | "makeJob"> & {
  readonly agent: string;
  readonly job?: Partial<ExploreJob>;
};

/** A studio for an explore job; of prose, where the test does not say. */
export function openExplore({ agent, job, ...options }: ExploreOptions): Promise<Studio> {
  return openStudio({
    ...options,
    agent: answers + agent,
    makeJob: () => ({ ...ExploreJob.parse({ ...makeJob(), mode: "explore", output: prose }), ...job }),
  });
}

export const prose = { kind: "prose", failOnUnusableFinal: false } as const;
export const structured = { kind: "structured", failOnUnusableFinal: false } as const;

/** What the registry says when a job has used up its time. */
export const timeIsUp: StopReason = {
  kind: "stop",
  cause: "max-duration",
  graceMs: 5_000,
  text: "Aborted: exceeded max duration of 1s",
};

/** Puts a program of this name before all others. */
export async function addProgram({ folder }: Studio, name: string, script: string): Promise<void> {
  const program = join(folder, "bin", name);
  await writeFile(program, `#!/bin/sh\n${script}\n`);
  await chmod(program, 0o755);
}

export function checkoutOf({ folder }: Studio): string {
  return join(folder, "job", "checkout");
}

export function reportsOf<Kind extends Reported["kind"]>(
  { recording }: Studio,
  kind: Kind,
): ReadonlyArray<Extract<Reported, { kind: Kind }>> {
  return recording.reported.filter(
    (report): report is Extract<Reported, { kind: Kind }> => report.kind === kind,
  );
}

export function phasesOf(studio: Studio): readonly string[] {
  return reportsOf(studio, "phase").map(({ phase }) => phase);
}
