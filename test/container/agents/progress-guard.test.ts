import { array, assert, boolean, constantFrom, integer, property, record } from "fast-check";
import { test } from "vitest";
import {
  type GuardRules,
  type GuardTrip,
  type ToolCall,
  freshGuard,
  guardCall,
  toGuardRules,
} from "../../../container/agents/guard/progress-guard.ts";

const bounds = { maxToolCallsWithoutEdit: 40, maxConsecutiveErrors: 12, maxConsecutiveWebCalls: 25 };
const coding = toGuardRules(bounds, undefined, true);
const exploring = toGuardRules(bounds, undefined, false);

type Judged = { readonly atCall: number; readonly trip: GuardTrip };

/** The first trip in a run of calls. */
function judge(calls: readonly ToolCall[], rules: GuardRules): Judged | null {
  let state = freshGuard;
  for (const [index, call] of calls.entries()) {
    const judged = guardCall(state, call, rules);
    if (judged.trip !== null) return { atCall: index + 1, trip: judged.trip };
    state = judged.state;
  }
  return null;
}

const times = (count: number, tool: string, ok = true): readonly ToolCall[] =>
  Array.from({ length: count }, () => ({ tool, ok }));

test("twelve failing calls in a row are one too many, whatever the tools", ({ expect }) => {
  const calls = [...times(6, "bash", false), ...times(6, "web_search", false)];
  expect(judge(calls, coding)).toEqual({
    atCall: 12,
    trip: {
      kind: "errors",
      text: "no progress: 12 consecutive failing tool calls — the agent is stuck retrying a failing operation rather than making progress. Aborting.",
    },
  });
  const interrupted = [...times(11, "bash", false), ...times(1, "read"), ...times(11, "bash", false)];
  expect(judge(interrupted, exploring)).toBeNull();
});

test("twenty-five web calls in a row are one too many, for every agent's web tools", ({ expect }) => {
  for (const tool of ["web_search", "web_fetch", "WebSearch", "WebFetch"]) {
    const judged = judge(times(30, tool), exploring);
    expect([tool, judged?.atCall, judged?.trip.kind]).toEqual([tool, 25, "web"]);
    expect(judged?.trip.text).toMatch(
      /^no progress: 25 consecutive web search\/fetch calls without any other action — .* researching /,
    );
  }
  const broken = [...times(24, "web_search"), ...times(1, "todo"), ...times(24, "web_fetch")];
  expect(judge(broken, exploring)).toBeNull();
});

test("forty actions and no edit are one too many where edits are expected", ({ expect }) => {
  expect(judge(times(50, "bash"), coding)).toEqual({
    atCall: 40,
    trip: {
      kind: "no-edits",
      text: expect.stringMatching(/^no progress: 40 tool calls and not one file edit — /),
    },
  });
  expect(judge(times(500, "bash"), exploring)).toBeNull();
});

test("planning and looking around are no actions, for Pi, Claude Code and Codex", ({ expect }) => {
  const looks = [
    "read",
    "grep",
    "glob",
    "ls",
    "find",
    "Read",
    "Grep",
    "Glob",
    "LS",
    "TodoWrite",
    "todo_list",
  ];
  const calls = looks.flatMap((tool) => times(40, tool));
  expect(judge([...calls, ...times(39, "bash")], coding)).toBeNull();
  expect(judge([...calls, ...times(40, "bash")], coding)?.trip.kind).toBe("no-edits");
});

test("one edit that worked is enough, one that failed is not", ({ expect }) => {
  const edits = ["edit", "write", "Edit", "Write", "MultiEdit", "NotebookEdit", "apply_patch"];
  for (const tool of edits) {
    expect(judge([...times(1, tool), ...times(200, "bash")], coding), tool).toBeNull();
    expect(judge([...times(1, tool, false), ...times(200, "bash")], coding)?.atCall, tool).toBe(40);
  }
});

test("a job's own limits loosen the bounds and never tighten them", ({ expect }) => {
  const own = { maxConsecutiveErrors: 20, maxConsecutiveWebCalls: 3 };
  expect(toGuardRules(bounds, own, true)).toEqual({
    maxToolCallsWithoutEdit: 40,
    maxConsecutiveErrors: 20,
    maxConsecutiveWebCalls: 25,
    expectsEdits: true,
  });
});

test("looser rules never trip where tighter ones do not", ({ expect }) => {
  const call = record({
    tool: constantFrom("bash", "edit", "read", "web_search", "todo", "WebFetch"),
    ok: boolean(),
  });
  const own = record({
    maxToolCallsWithoutEdit: integer({ min: 1, max: 100 }),
    maxConsecutiveErrors: integer({ min: 1, max: 100 }),
    maxConsecutiveWebCalls: integer({ min: 1, max: 100 }),
  });
  const tight = { maxToolCallsWithoutEdit: 4, maxConsecutiveErrors: 3, maxConsecutiveWebCalls: 3 };
  assert(
    property(array(call, { maxLength: 40 }), own, (calls, limits) => {
      const strict = judge(calls, toGuardRules(tight, undefined, true));
      const loose = judge(calls, toGuardRules(tight, limits, true));
      expect(loose === null || (strict !== null && strict.atCall <= loose.atCall)).toBe(true);
    }),
  );
});
