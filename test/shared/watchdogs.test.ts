import { test } from "vitest";
import {
  failureCauseOf,
  failureDetail,
  inactivityVerdict,
  isAgentPhase,
  maxDurationVerdict,
  stepVerdict,
  toolSilenceVerdict,
} from "../../shared/watchdogs.ts";

const silent = { phase: "agent", silentMs: 2_000, forgivenMs: 0, limitMs: 2_000, lastTool: null };

test("an agent silent for its limit is hung, and the verdict keeps the evidence", ({ expect }) => {
  expect(inactivityVerdict(silent)).toStrictEqual({
    cause: "inactivity-timeout",
    observedMs: 2_000,
    limitMs: 2_000,
    text: "Aborted: no agent activity for 2s (likely hung in agent phase; no tool had completed yet)",
  });
  expect(inactivityVerdict({ ...silent, silentMs: 1_999 })).toBeNull();
});

test("the last finished tool call is named with its age", ({ expect }) => {
  const verdict = inactivityVerdict({ ...silent, lastTool: { name: "bash", ageMs: 61_400 } });
  expect(verdict?.text).toContain("(likely hung in agent phase; last completed tool bash 61s ago)");
});

test("the silence of a step is not the agent's, while a phase nobody knows is", ({ expect }) => {
  for (const phase of ["starting", "clone", "dependencies", "infra", "serve", "repair", "push"]) {
    expect(inactivityVerdict({ ...silent, phase, silentMs: 1e9 })).toBeNull();
    expect(toolSilenceVerdict({ ...printing, phase, idleMs: 1e9 })).toBeNull();
    expect(isAgentPhase(phase)).toBe(false);
  }
  expect(["agent", "reviewing"].every(isAgentPhase)).toBe(true);
});

const printing = { ...silent, idleMs: 1_800_000, hasPrinted: true, limitMs: 1_800_000 };

test("an agent that prints and finishes no tool call for its limit gets nothing done", ({ expect }) => {
  expect(toolSilenceVerdict({ ...printing, lastTool: { name: "bash", ageMs: 1_800_000 } })).toStrictEqual({
    cause: "no-tool-progress",
    observedMs: 1_800_000,
    limitMs: 1_800_000,
    text: "Aborted: tool inactivity, the agent printed but finished no tool call for 1800s (in agent phase; last completed tool bash 1800s ago)",
  });
  expect(toolSilenceVerdict({ ...printing, idleMs: 1_799_999 })).toBeNull();
  expect(toolSilenceVerdict({ ...printing, forgivenMs: 1 })).toBeNull();
  expect(toolSilenceVerdict({ ...printing, hasPrinted: false })).toBeNull();
});

test("a step past its own limit is told as a timeout of that step", ({ expect }) => {
  expect(stepVerdict({ phase: "infra", elapsedMs: 1_500, limitMs: 1_500 })).toStrictEqual({
    cause: "step-infra",
    observedMs: 1_500,
    limitMs: 1_500,
    text: "Aborted: the infra step timed out after 2s",
  });
  expect(stepVerdict({ phase: "infra", elapsedMs: 1_499, limitMs: 1_500 })).toBeNull();
  expect(stepVerdict({ phase: "agent", elapsedMs: 1e9, limitMs: null })).toBeNull();
});

test("clients are told the watchdog's own cause, and for a step whose it was", ({ expect }) => {
  const rows = {
    "inactivity-timeout": "inactivity-timeout",
    "max-duration": "max-duration",
    "no-tool-progress": "no-tool-progress",
    "step-clone": "git",
    "step-push": "git",
    "step-repair": "agent",
    "step-infra": "agent",
    cancelled: undefined,
    released: undefined,
  };
  for (const [cause, told] of Object.entries(rows)) expect(failureCauseOf(cause), cause).toBe(told);
});

test("a watchdog that was asleep itself does not convict for that time", ({ expect }) => {
  expect(inactivityVerdict({ ...silent, silentMs: 60_000, forgivenMs: 58_001 })).toBeNull();
  expect(inactivityVerdict({ ...silent, silentMs: 60_000, forgivenMs: 58_000 })).not.toBeNull();
});

test("a job past its total ends, whoever was asleep", ({ expect }) => {
  expect(maxDurationVerdict({ elapsedMs: 3_599_999, limitMs: 3_600_000 })).toBeNull();
  expect(maxDurationVerdict({ elapsedMs: 3_600_000, limitMs: 3_600_000 })?.text).toBe(
    "Aborted: exceeded max duration of 3600s",
  );
});

test("a failure's detail tells the phases in order, rounded, and where it happened", ({ expect }) => {
  const timings = [
    ["starting", 4],
    ["clone", 400],
    ["agent", 12_600],
  ] as const;
  expect(failureDetail({ timings, failedIn: "agent", lastTool: null })).toBe(
    "Phase timings: starting=0s, clone=0s, agent=13s. Failed in agent phase; no tool had completed yet.",
  );
  expect(failureDetail({ timings, failedIn: null, lastTool: { name: "read", ageMs: 900 } })).toBe(
    "Phase timings: starting=0s, clone=0s, agent=13s. last completed tool read 1s ago.",
  );
});
