/** What a dispatch may ask for, and how its job goes in the container: drawn, and the same for the same number. */

import type { Terminal } from "../../shared/job-result.ts";
import type { Policy } from "../../shared/policy.ts";
import type { Draw } from "./draw.ts";

/** How a job goes where nothing else interferes. */
export type Plan = {
  readonly beats: boolean;
  /** Whether its beats have numbers. */
  readonly counts: boolean;
  readonly refuses: boolean;
  /** `Infinity` hangs. */
  readonly cloneMs: number;
  readonly agentMs: number;
  readonly pushMs: number;
  readonly agent: "works" | "mute" | "chatters";
  readonly end: keyof typeof Ends;
  readonly obeysStop: boolean;
  readonly obeysTerm: boolean;
  readonly floods: boolean;
};

/** The ends a harness tells of. */
export const Ends = {
  done: { state: "done", result: { pushed: true, branch: "holt/work" } },
  preview: { state: "done", result: { preview: { url: "http://preview.example" } } },
  "result-error": { state: "done", result: { error: "nothing to be done was found" } },
  agent: { state: "failed", error: "the agent gave up", failureCause: "agent" },
  git: { state: "failed", error: "fatal: the remote end hung up", failureCause: "git" },
  api: { state: "failed", error: "the pull request was not opened", failureCause: "api" },
  contended: { state: "failed", error: "somebody pushed", failureCause: "branch-contended" },
  "no-tools": { state: "failed", error: "it only talked", failureCause: "no-tool-progress" },
  inactive: { state: "failed", error: "no agent activity", failureCause: "inactivity-timeout" },
  long: { state: "failed", error: "max duration", failureCause: "max-duration" },
  /** A later attempt whose token has run out; a first attempt of this plan is done. */
  expired: { state: "failed", error: "fatal: Authentication failed for the remote", failureCause: "git" },
} as const satisfies Record<string, Terminal>;

export function drawPolicy(draw: Draw, scale: number): Policy {
  const of = (...seconds: [number, ...number[]]): number => Math.round(draw.pick(seconds) * 1_000 * scale);
  const silenceMs = of(45);
  const inactivityMs = of(90, 90, 45);
  const toolSilenceMs = of(150, 150, 90);
  return {
    queuedMs: of(120, 120, 300),
    startingMs: of(20),
    silenceMs,
    cloneMs: of(60),
    setupMs: of(90),
    pushMs: of(30),
    inactivityMs,
    toolSilenceMs,
    coldStartMs: of(30),
    maxDurationMs: of(400, 400, 200),
    stopGraceMs: of(10),
    killGraceMs: of(5),
    previewMs: of(150),
    idleMs: of(60, 20),
    retentionMs: of(900),
    recovery: draw.pick(["heal", "heal", "heal-once", "report"]),
    budgets: {
      crash: draw.pick([1, 1, 0, 2, 20]),
      transient: draw.pick([5, 5, 0, 1, 20]),
    },
    scale,
  };
}

export function drawPlan(draw: Draw, scale: number): Plan {
  const of = (low: number, high: number): number =>
    Math.round(draw.between(low * 1_000, high * 1_000) * scale);
  const hangs = draw.below(14);
  return {
    beats: !draw.oneIn(8),
    counts: !draw.oneIn(5),
    refuses: draw.oneIn(25),
    cloneMs: hangs === 0 ? Number.POSITIVE_INFINITY : of(1, 15),
    agentMs: hangs === 1 ? Number.POSITIVE_INFINITY : of(5, 150),
    pushMs: hangs === 2 ? Number.POSITIVE_INFINITY : of(1, 5),
    agent: draw.pick(["works", "works", "works", "works", "mute", "chatters"]),
    end: draw.pick([
      ...(["done", "done", "done", "preview", "result-error", "agent", "git", "api"] as const),
      ...(["contended", "no-tools", "inactive", "long", "expired", "expired"] as const),
    ]),
    obeysStop: !draw.oneIn(4),
    obeysTerm: !draw.oneIn(4),
    floods: draw.oneIn(20),
  };
}
