import * as z from "zod";
import { PolicyDefaults } from "./policy-defaults.ts";

export { DISPATCH_TO_VERDICT_MS, PolicyDefaults } from "./policy-defaults.ts";

const MIN_MS = 100;
const MAX_MS = 30 * 24 * 3_600_000;
const limitMs = z.int().min(MIN_MS).max(MAX_MS);

export type LimitName = keyof typeof PolicyDefaults;
export const limitNames = Object.keys(PolicyDefaults).filter((key): key is LimitName =>
  Object.hasOwn(PolicyDefaults, key),
);

export const Recovery = z.enum(["heal", "heal-once", "report"]);
export type Recovery = z.infer<typeof Recovery>;

/** What a dispatch may ask for; everything optional. */
export const PolicyRequest = z
  .strictObject({
    queuedMs: limitMs.optional(),
    startingMs: limitMs.optional(),
    silenceMs: limitMs.optional(),
    cloneMs: limitMs.optional(),
    setupMs: limitMs.optional(),
    pushMs: limitMs.optional(),
    inactivityMs: limitMs.optional(),
    toolSilenceMs: limitMs.optional(),
    coldStartMs: limitMs.optional(),
    maxDurationMs: limitMs.optional(),
    stopGraceMs: limitMs.optional(),
    killGraceMs: limitMs.optional(),
    previewMs: limitMs.optional(),
    idleMs: limitMs.optional(),
    retentionMs: limitMs.optional(),
    recovery: Recovery.optional(),
    budgets: z
      .strictObject({
        crash: z.int().min(0).max(20).optional(),
        transient: z.int().min(0).max(20).optional(),
      })
      .optional(),
    /** Multiplies what is not a limit of its own: the tick, the two questions, the wait before judging an exit. */
    scale: z.number().min(0.001).max(10).optional(),
  })
  .meta({ id: "PolicyRequest", description: "Limits a dispatch asks for, in milliseconds." });
export type PolicyRequest = z.infer<typeof PolicyRequest>;

/** The limits a job works under, all given. */
export const Policy = z
  .looseObject({
    queuedMs: z.int(),
    startingMs: z.int(),
    silenceMs: z.int(),
    cloneMs: z.int(),
    setupMs: z.int(),
    pushMs: z.int(),
    inactivityMs: z.int(),
    toolSilenceMs: z.int(),
    coldStartMs: z.int(),
    maxDurationMs: z.int(),
    stopGraceMs: z.int(),
    killGraceMs: z.int(),
    previewMs: z.int(),
    idleMs: z.int(),
    retentionMs: z.int(),
    recovery: Recovery,
    budgets: z.object({ crash: z.int(), transient: z.int() }),
    scale: z.number(),
  })
  .meta({ id: "Policy", description: "The limits a job works under, in milliseconds." });
export type Policy = z.infer<typeof Policy>;

/** `left` may not exceed `right`; checked in this order and named in this order. */
const order: ReadonlyArray<readonly [LimitName, LimitName]> = [
  ["silenceMs", "inactivityMs"],
  ["inactivityMs", "toolSilenceMs"],
  ["toolSilenceMs", "maxDurationMs"],
  ["startingMs", "maxDurationMs"],
  ["cloneMs", "maxDurationMs"],
  ["setupMs", "maxDurationMs"],
  ["pushMs", "maxDurationMs"],
];

export type ResolvedPolicy =
  | { readonly ok: true; readonly policy: Policy }
  | { readonly ok: false; readonly error: string };

/**
 * Fills in what a request leaves open: an omitted limit becomes the smaller of its default and the next given one to
 * its right in the order silence ≤ inactivity ≤ tool-silence ≤ max-duration (starting and steps ≤ max-duration). Given
 * limits out of order are refused, both named.
 */
export function resolvePolicy(request: PolicyRequest): ResolvedPolicy {
  const chain: readonly LimitName[] = ["silenceMs", "inactivityMs", "toolSilenceMs", "maxDurationMs"];
  const contradiction = contradictionIn(request, chain);
  if (contradiction !== null) return { ok: false, error: contradiction };
  const limits: Record<LimitName, number> = { ...PolicyDefaults };
  for (const name of limitNames) {
    const given = request[name];
    limits[name] = given ?? Math.min(PolicyDefaults[name], capOf(request, name, chain));
  }
  raiseToTheLeft(request, limits, chain);
  return {
    ok: true,
    policy: {
      ...limits,
      recovery: request.recovery ?? "heal",
      budgets: { crash: request.budgets?.crash ?? 1, transient: request.budgets?.transient ?? 5 },
      scale: request.scale ?? 1,
    },
  };
}

/** A given limit above the default of one to its right raises that default: only given ones can contradict each other. */
function raiseToTheLeft(
  request: PolicyRequest,
  limits: Record<LimitName, number>,
  chain: readonly LimitName[],
): void {
  for (const [left, right] of order) {
    if (request[right] === undefined && limits[right] < limits[left]) limits[right] = limits[left];
  }
  for (const [index, name] of chain.entries()) {
    const before = chain[index - 1];
    if (before === undefined || request[name] !== undefined) continue;
    limits[name] = Math.max(limits[name], limits[before]);
  }
}

function contradictionIn(request: PolicyRequest, chain: readonly LimitName[]): string | null {
  const pairs = [...order];
  for (const [index, left] of chain.entries()) {
    for (const right of chain.slice(index + 1)) pairs.push([left, right]);
  }
  for (const [left, right] of pairs) {
    const [a, b] = [request[left], request[right]];
    if (a !== undefined && b !== undefined && a > b) {
      return `policy.${left} (${a}) must not exceed policy.${right} (${b})`;
    }
  }
  return null;
}

function capOf(request: PolicyRequest, name: LimitName, chain: readonly LimitName[]): number {
  const index = chain.indexOf(name);
  const toTheRight =
    index >= 0 ? chain.slice(index + 1) : order.filter(([left]) => left === name).map(([, right]) => right);
  for (const right of toTheRight) {
    const given = request[right];
    if (given !== undefined) return given;
  }
  return Number.POSITIVE_INFINITY;
}
