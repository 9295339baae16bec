import * as fc from "fast-check";
import { describe, test } from "vitest";
import {
  type LimitName,
  limitNames,
  PolicyDefaults,
  type PolicyRequest,
  PolicyRequest as Request,
  resolvePolicy,
} from "../../shared/policy.ts";

/** What may not exceed what. */
const order: ReadonlyArray<readonly [LimitName, LimitName]> = [
  ["silenceMs", "inactivityMs"],
  ["inactivityMs", "toolSilenceMs"],
  ["toolSilenceMs", "maxDurationMs"],
  ["startingMs", "maxDurationMs"],
  ["cloneMs", "maxDurationMs"],
  ["setupMs", "maxDurationMs"],
  ["pushMs", "maxDurationMs"],
];

test("a request that asks for nothing gets the defaults", ({ expect }) => {
  expect(resolvePolicy({})).toStrictEqual({
    ok: true,
    policy: { ...PolicyDefaults, recovery: "heal", budgets: { crash: 1, transient: 5 }, scale: 1 },
  });
});

describe("an omitted limit", () => {
  const rows = [
    { asked: { maxDurationMs: 60_000 }, name: "silenceMs", becomes: 45_000 },
    { asked: { maxDurationMs: 30_000 }, name: "silenceMs", becomes: 30_000 },
    { asked: { maxDurationMs: 30_000 }, name: "cloneMs", becomes: 30_000 },
    { asked: { maxDurationMs: 30_000 }, name: "startingMs", becomes: 30_000 },
    { asked: { toolSilenceMs: 20_000 }, name: "inactivityMs", becomes: 20_000 },
    { asked: { toolSilenceMs: 20_000 }, name: "silenceMs", becomes: 20_000 },
    { asked: { inactivityMs: 20_000 }, name: "toolSilenceMs", becomes: 1_800_000 },
    { asked: { maxDurationMs: 30_000 }, name: "stopGraceMs", becomes: 10_000 },
    { asked: { inactivityMs: 7_200_000 }, name: "toolSilenceMs", becomes: 7_200_000 },
    { asked: { inactivityMs: 7_200_000 }, name: "maxDurationMs", becomes: 7_200_000 },
  ] as const;
  for (const { asked, name, becomes } of rows) {
    test(`${name} beside ${JSON.stringify(asked)} is ${becomes}`, ({ expect }) => {
      expect(policyOf(asked)[name]).toBe(becomes);
    });
  }
});

test("given limits out of order are refused, both named with their values", ({ expect }) => {
  for (const [left, right] of order) {
    expect(resolvePolicy({ [left]: 50_000, [right]: 40_000 }), left).toStrictEqual({
      ok: false,
      error: `policy.${left} (50000) must not exceed policy.${right} (40000)`,
    });
  }
});

test("given limits out of order are refused also where what lies between was left out", ({ expect }) => {
  expect(resolvePolicy({ silenceMs: 50_000, maxDurationMs: 40_000 })).toMatchObject({
    ok: false,
    error: "policy.silenceMs (50000) must not exceed policy.maxDurationMs (40000)",
  });
});

test("equal limits are in order", ({ expect }) => {
  const equal = { silenceMs: 1_000, inactivityMs: 1_000, toolSilenceMs: 1_000, maxDurationMs: 1_000 };
  expect(policyOf(equal)).toMatchObject(equal);
});

const limit = fc.option(fc.integer({ min: 100, max: 10_000_000 }), { nil: undefined });
const requests = fc
  .record(Object.fromEntries(limitNames.map((name) => [name, limit])))
  .map((asked): PolicyRequest => Request.parse(asked));

test("whatever is asked is either refused or resolves to limits in order that keep every given one", ({
  expect,
}) => {
  fc.assert(
    fc.property(requests, (asked) => {
      const resolved = resolvePolicy(asked);
      if (!resolved.ok) {
        expect(resolved.error).toMatch(/^policy\.\w+ \(\d+\) must not exceed policy\.\w+ \(\d+\)$/);
        return;
      }
      for (const name of limitNames) {
        if (asked[name] !== undefined) expect(resolved.policy[name]).toBe(asked[name]);
      }
      for (const [left, right] of order) {
        expect(resolved.policy[left], `${left} ≤ ${right}`).toBeLessThanOrEqual(resolved.policy[right]);
      }
    }),
    { seed: 20_990_101, numRuns: 500 },
  );
});

test("what a request asks beside limits is taken, and half a budget is filled in", ({ expect }) => {
  const policy = policyOf({ recovery: "report", budgets: { transient: 0 }, scale: 0.01 });
  expect(policy).toMatchObject({ recovery: "report", budgets: { crash: 1, transient: 0 }, scale: 0.01 });
});

describe("a request that is refused by its schema", () => {
  const rows: ReadonlyArray<readonly [string, Record<string, unknown>]> = [
    ["99 ms", { silenceMs: 99 }],
    ["31 days", { retentionMs: 31 * 24 * 3_600_000 }],
    ["half a millisecond", { pushMs: 1_000.5 }],
    ["a text", { pushMs: "1000" }],
    ["an unknown limit", { pushMS: 1_000 }],
    ["21 crashes", { budgets: { crash: 21 } }],
    ["a scale of nothing", { scale: 0 }],
    ["an unknown recovery", { recovery: "always" }],
  ];
  for (const [name, asked] of rows) {
    test(`names ${name}`, ({ expect }) => {
      expect(Request.safeParse(asked).success).toBe(false);
    });
  }
});

function policyOf(asked: PolicyRequest) {
  const resolved = resolvePolicy(asked);
  if (!resolved.ok) throw new Error(resolved.error);
  return resolved.policy;
}
