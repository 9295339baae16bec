/** Apart from the schemas, so that a harness that has no job yet need not read them. */

/** Defaults of every limit a job works under; seconds and minutes in comments are for people. */
export const PolicyDefaults = {
  queuedMs: 600_000, // 10 min of waiting for a slot or capacity
  startingMs: 90_000, // cold starts take 1–3 s, +45 s were seen with 50 at once
  silenceMs: 45_000, // four and a half beats
  cloneMs: 600_000,
  setupMs: 1_500_000,
  pushMs: 300_000,
  inactivityMs: 600_000, // legitimate silent model turns of 196 s were seen
  toolSilenceMs: 1_800_000,
  coldStartMs: 120_000,
  maxDurationMs: 3_600_000,
  stopGraceMs: 10_000,
  killGraceMs: 5_000,
  previewMs: 1_800_000,
  idleMs: 60_000,
  retentionMs: 7 * 24 * 3_600_000,
} as const;

/** Clients of the job protocol give up 70 min after the dispatch: its jobs are judged within 65. */
export const DISPATCH_TO_VERDICT_MS = 65 * 60_000;
