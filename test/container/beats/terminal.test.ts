import { test } from "vitest";
import { fitTerminal } from "../../../container/beats/terminal.ts";
import type { Terminal } from "../../../shared/job-result.ts";

const structured: Terminal = {
  state: "done",
  result: { summary: "See the object.", custom: { verdict: "red" }, infraSetup: { started: true, at: 1 } },
};

test("an end that gives up its object is no success any more", ({ expect }) => {
  for (const detail of ["essentials", "bare"] as const) {
    expect(fitTerminal(structured, detail)).toStrictEqual({
      state: "done",
      result: {
        summary: "See the object.",
        error: "result-too-large: 'custom' had 17 bytes",
        failureCause: "no-usable-output",
      },
    });
  }
  expect(fitTerminal(structured, "whole")).toStrictEqual(structured);
});

test("an end without an object keeps its meaning when little of it is told", ({ expect }) => {
  const pushed: Terminal = {
    state: "done",
    result: { pushed: true, branch: "cat/1", stats: { toolCalls: 1, assistantChars: 2 } },
  };
  expect(fitTerminal(pushed, "bare")).toStrictEqual({
    state: "done",
    result: { pushed: true, branch: "cat/1" },
  });
  const failed: Terminal = { state: "done", result: { custom: {}, error: "no report" } };
  expect(fitTerminal(failed, "bare")).toStrictEqual({ state: "done", result: { error: "no report" } });
});
