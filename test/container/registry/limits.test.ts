import { test } from "vitest";
import { readConfig } from "../../../container/config.ts";
import { toJobLimits } from "../../../container/registry/limits.ts";
import { AttemptEnvelope } from "../../../shared/harness-wire.ts";
import { makeEnvelope } from "../server/start-harness.ts";

function standalone(env: Readonly<Record<string, string>> = {}) {
  const read = readConfig(env);
  if (!read.ok) throw new Error(read.error);
  return read.config.limits;
}

test("without an attempt a job works under the machine's own limits, steps longer than their commands", ({
  expect,
}) => {
  const limits = toJobLimits(standalone({ JOB_TOOL_SILENCE_MS: "900000" }), null);
  expect(limits).toMatchObject({ inactivityMs: 600_000, toolSilenceMs: 900_000, marginMs: 0 });
  expect(limits.steps).toEqual({ cloneMs: 600_000, setupMs: 1_500_000, pushMs: 600_000 });
  expect(limits.flow).toMatchObject({ cloneMs: 420_000, pushMs: 420_000, setupMs: 1_500_000 });
});

test("an attempt brings limits of its own; bounds of the agent's work stay the machine's", ({ expect }) => {
  const given = { ...limitsOf({}), toolSilenceMs: 45_000 };
  const envelope = AttemptEnvelope.parse(makeEnvelope({ limits: given }));
  const limits = toJobLimits(standalone({ JOB_MAX_CONSECUTIVE_TOOL_ERRORS: "3" }), envelope);
  expect(limits).toMatchObject({ toolSilenceMs: 45_000, marginMs: 10_000, steps: { cloneMs: 60_000 } });
  expect(limits.flow).toMatchObject({ cloneMs: 70_000, guard: { maxConsecutiveErrors: 3 } });
});

test("an attempt of a Worker that knows no tool silence has the usual one, no shorter than silence", ({
  expect,
}) => {
  const toolSilence = (inactivityMs: number): number =>
    toJobLimits(standalone(), AttemptEnvelope.parse(makeEnvelope({ limits: limitsOf({ inactivityMs }) })))
      .toolSilenceMs;
  expect([toolSilence(60_000), toolSilence(7_200_000)]).toEqual([1_800_000, 7_200_000]);
});

function limitsOf(more: object): object {
  return { ...AttemptEnvelope.parse(makeEnvelope()).limits, ...more };
}
