import { test } from "vitest";
import {
  failureDetail,
  inactivityVerdict,
  isAgentPhase,
  maxDurationVerdict,
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

test("silence while cloning, pushing or starting is not the agent's", ({ expect }) => {
  for (const phase of ["starting", "clone", "push"]) {
    expect(inactivityVerdict({ ...silent, phase, silentMs: 1e9 })).toBeNull();
    expect(isAgentPhase(phase)).toBe(false);
  }
  expect(isAgentPhase("serve")).toBe(true);
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
