import type { LimitKey } from "./limits.ts";

export const limitWords: Readonly<Record<LimitKey, string>> = {
  maxDurationMs: "Work in all",
  inactivityMs: "Without output",
  toolSilenceMs: "Without a finished tool call",
  silenceMs: "Without a beat",
  coldStartMs: "Until first output",
  queuedMs: "Waiting for a container",
  startingMs: "Starting",
  cloneMs: "Clone",
  setupMs: "Setup",
  pushMs: "Push",
  stopGraceMs: "To stop by itself",
  killGraceMs: "To end after SIGTERM",
  previewMs: "Preview",
  idleMs: "Idle container",
  retentionMs: "Kept after the end",
};
