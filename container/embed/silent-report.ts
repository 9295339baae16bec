import type { JobReport } from "../job-context.ts";

/** For work that nobody follows by a job's view. */
export const silentReport: JobReport = {
  phase: silence,
  activity: silence,
  output: silence,
  toolStart: silence,
  toolEnd: silence,
  progress: silence,
  usage: silence,
  followUp: silence,
  note: silence,
};

function silence(): void {}
