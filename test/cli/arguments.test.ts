import { test } from "vitest";
import { type DispatchFlags, makeDispatch, parseRepo } from "../../cli/dispatch-body.ts";
import { CommandEnd, exitCodeOf, exitCodeOfFailure } from "../../cli/exit-code.ts";
import { parseFields } from "../../cli/input.ts";
import { parsePolicy } from "../../cli/policy-flags.ts";
import { nameOf, parseTarget } from "../../cli/target.ts";
import { parseDuration, parseTime, toAge, toCountdown, toDuration, toLocalTime } from "../../cli/time.ts";
import { ErrorCode } from "../../shared/errors.ts";

process.env["TZ"] = "Europe/Berlin";

const outside = { env: { GITHUB_TOKEN: "t0ken", EMPTY: "" }, randomName: () => "r4nd0m" };
const make = (file: Readonly<Record<string, unknown>>, flags: DispatchFlags = {}) =>
  makeDispatch(file, flags, outside);

/** The message of the misuse that `act` throws. */
function misuseOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof CommandEnd && error.exitCode === 2) return error.message;
    throw error;
  }
  return "no misuse";
}

test("flags alone make a dispatch", ({ expect }) => {
  const flags = {
    mode: "coding",
    model: "gpt-5",
    system: "Be careful.",
    prompt: "Fix it.",
    repo: "https://github.com/you/app",
    branch: "holt/fix",
    pr: "Fix it",
    label: ["title=Fix", "team=a=b"],
    policy: ["max-duration=30m", "recovery=report"],
    env: ["ghToken=GITHUB_TOKEN"],
    set: [
      "noChangesIsError=false",
      "repo.provider=github",
      "output.kind=prose",
      'infra={"a":1}',
      "commitMessage=007 done",
    ],
    instance: "standard-2",
    again: true,
  };
  expect(make({}, flags)).toMatchInlineSnapshot(`
    {
      "body": {
        "again": true,
        "instance": "standard-2",
        "jobId": "cli_r4nd0m-job",
        "labels": {
          "team": "a=b",
          "title": "Fix",
        },
        "policy": {
          "maxDurationMs": 1800000,
          "recovery": "report",
        },
        "spec": {
          "branch": "main",
          "commitMessage": "007 done",
          "ghToken": "t0ken",
          "infra": {
            "a": 1,
          },
          "mode": "coding",
          "model": "gpt-5",
          "newBranch": "holt/fix",
          "noChangesIsError": false,
          "output": {
            "kind": "prose",
          },
          "pr": {
            "title": "Fix it",
          },
          "pushBranch": "holt/fix",
          "repo": {
            "baseBranch": "main",
            "cloneUrl": "https://github.com/you/app.git",
            "name": "app",
            "owner": "you",
            "provider": "github",
          },
          "systemPrompt": "Be careful.",
          "userPrompt": "Fix it.",
        },
      },
      "executionId": null,
    }
  `);
});

test("a file is a dispatch of the native API or a body of the job protocol; flags go before it", ({
  expect,
}) => {
  const native = {
    executionId: "e",
    jobId: "j",
    labels: { a: "1", b: "2" },
    spec: { mode: "coding", model: "x" },
  };
  expect(make(native, { label: ["b=3"], model: "y", job: "k" })).toEqual({
    executionId: "e",
    body: { jobId: "k", labels: { a: "1", b: "3" }, spec: { mode: "coding", model: "y" } },
  });
  expect(make(native, { execution: "f" }).executionId).toBe("f");
  const budgeted = { ...native, policy: { recovery: "heal", budgets: { crash: 3 } } };
  expect(make(budgeted, { policy: ["budgets.transient=1"] }).body.policy).toEqual({
    recovery: "heal",
    budgets: { crash: 3, transient: 1 },
  });
  expect(misuseOf(() => make({ ...native, executionId: 42 }))).toBe(
    "executionId: a name in quotes is expected, not 42",
  );
  expect(misuseOf(() => make({ ...native, labels: "x" }, { label: ["b=3"] }))).toMatch(/^labels: /);
  expect(make({ kind: "agent", jobId: "exec_1-coder", mode: "explore" })).toEqual({
    executionId: null,
    body: { jobId: "exec_1-coder", spec: { mode: "explore" } },
  });
});

test("a job without an id gets one that names its execution", ({ expect }) => {
  expect(make({ mode: "coding" }).body.jobId).toBe("cli_r4nd0m-job");
  expect(make({ mode: "coding" }, { execution: "exec_4f2" }).body.jobId).toBe("exec_4f2-r4nd0m");
});

test.for<[name: string, act: () => unknown, message: RegExp]>([
  ["a field the API does not know", () => make({ spec: {}, jobid: "x" }), /jobid/],
  ["a bad id", () => make({ spec: {}, jobId: "a\u0000b" }), /jobId/],
  ["a label without a value", () => make({}, { label: ["title"] }), /--label takes KEY=VALUE, not 'title'/],
  ["a limit nobody knows", () => make({}, { policy: ["speed=9"] }), /knows no 'speed'; it knows queued,/],
  ["a limit that is no duration", () => make({}, { policy: ["silence=soon"] }), /takes a duration/],
  ["a limit out of range", () => make({}, { policy: ["silence=1ms"] }), /policy\.silenceMs/],
  ["a variable that is not set", () => make({}, { env: ["ghToken=NONE"] }), /NONE is not set/],
  ["a variable that is empty", () => make({}, { env: ["ghToken=EMPTY"] }), /EMPTY is not set/],
  ["an address without a name", () => parseRepo("https://github.com/"), /--repo takes an address/],
  ["credentials in an address", () => parseRepo("https://me:pw@github.com/a/b"), /takes no credentials/],
  ["a file that is a list", () => parseFields("[1]", "x.json"), /x\.json holds no fields/],
  ["a file that is neither", () => parseFields("a: [", "x.yaml"), /x\.yaml is neither JSON nor YAML/],
])("refused: %s", ([, act, message], { expect }) => {
  expect(misuseOf(act)).toMatch(message);
});

test("an address of a repository says its owner and name", ({ expect }) => {
  expect(parseRepo("https://gitlab.com/group/sub/app.git")).toEqual({
    owner: "group/sub",
    name: "app",
    cloneUrl: "https://gitlab.com/group/sub/app.git",
  });
  expect(parseRepo("https://github.com/you/app/").cloneUrl).toBe("https://github.com/you/app.git");
});

test("YAML says what JSON says, and no more", ({ expect }) => {
  const yaml = "spec:\n  mode: coding\n  when: 2026-01-01\n  no: no\n  prompt: |\n    two\n    lines\n";
  expect(parseFields(yaml, "x.yaml")).toEqual({
    spec: { mode: "coding", when: "2026-01-01", no: "no", prompt: "two\nlines\n" },
  });
});

test("a policy goes by its limits' names in every spelling", ({ expect }) => {
  expect(parsePolicy(["maxDurationMs=1000", "inactivity=5m", "tool-silence=1h30m", "scale=0.5"])).toEqual({
    maxDurationMs: 1_000,
    inactivityMs: 300_000,
    toolSilenceMs: 5_400_000,
    scale: 0.5,
  });
  expect(parsePolicy(["budgets.crash=3"])).toEqual({ budgets: { crash: 3 } });
});

test.for<[text: string, executionId: string, jobId: string | null]>([
  ["exec_1", "exec_1", null],
  ["exec_1-coder", "exec_1", "exec_1-coder"],
  ["my-execution", "my-execution", null],
  ["my-execution/a job", "my-execution", "a job"],
  ["exec_1/", "exec_1", null],
  ["build_12-x/", "build_12-x", null],
  ["a job with spaces", "h_c389d4f0ea6d0e36ad31c0d78be3f1e8d1ef2b1a", "a job with spaces"],
])("the target '%s'", async ([text, executionId, jobId], { expect }) => {
  const target = await parseTarget(text);
  expect(target.jobId).toBe(jobId);
  if (executionId.startsWith("h_")) expect(target.executionId).toMatch(/^h_[0-9a-f]{40}$/);
  else expect(target.executionId).toBe(executionId);
});

test("a job is named so that the name can be typed again", async ({ expect }) => {
  for (const job of [
    { executionId: "exec_1", jobId: "exec_1-coder" },
    { executionId: "my-execution", jobId: "my-execution-x" },
    { executionId: "e", jobId: "j" },
  ]) {
    expect(await parseTarget(nameOf(job))).toEqual(job);
  }
  expect(nameOf({ executionId: "e", jobId: "it's $x" })).toBe(String.raw`'e/it'\''s $x'`);
});

test.for<[ms: number, text: string]>([
  [0, "0ms"],
  [850, "850ms"],
  [3_449, "3.4s"],
  [42_900, "42s"],
  [125_000, "2m 05s"],
  [600_000, "10m"],
  [3_900_000, "1h 05m"],
  [273_600_000, "3d 04h"],
  [-3_000, "-3.0s"],
])("%i ms is %s", ([ms, text], { expect }) => {
  expect(toDuration(ms)).toBe(text);
});

test("times are of the reader's zone", ({ expect }) => {
  const now = Date.UTC(2026, 5, 1, 12);
  expect(toLocalTime(now)).toBe("2026-06-01T14:00:00+02:00");
  expect(toLocalTime(Date.UTC(2026, 0, 1, 12))).toBe("2026-01-01T13:00:00+01:00");
  expect([toCountdown(9_400), toCountdown(0), toAge(400), toAge(61_500)]).toEqual([
    "9s",
    "now",
    "just now",
    "1m 01s ago",
  ]);
  expect(parseTime("18:30", now)).toBe(Date.UTC(2026, 5, 1, 16, 30));
  expect(parseTime("09:00", now)).toBe(Date.UTC(2026, 5, 2, 7));
  expect(parseTime("2026-06-01T20:00:00Z", now)).toBe(Date.UTC(2026, 5, 1, 20));
  expect(parseTime("1795894214765", now)).toBe(1_795_894_214_765);
  expect(["soon", "2026-99-99", ""].map((text) => parseTime(text, now))).toEqual([null, null, null]);
  expect(["90s", "1h30m", "1.5h", "500ms", "30", "m", "-5m"].map(parseDuration)).toEqual([
    90_000,
    5_400_000,
    5_400_000,
    500,
    null,
    null,
    null,
  ]);
});

test("an end has its exit code, and so has a refusal", ({ expect }) => {
  expect(exitCodeOf({ status: "done", result: { pushed: true } })).toBe(0);
  expect(exitCodeOf({ status: "done", result: { error: "nothing usable" } })).toBe(1);
  expect(exitCodeOf({ status: "evicted" })).toBe(1);
  expect(exitCodeOf({ status: "cancelled" })).toBe(3);
  const codes = [...ErrorCode.values].map((code) => [
    code,
    exitCodeOfFailure({ code, error: "", status: 400, requestId: null, retryable: false }),
  ]);
  const unauthorized = codes.filter(([, exitCode]) => exitCode === 5).map(([code]) => code);
  expect(unauthorized).toEqual(["unauthorized", "forbidden", "auth-not-configured"]);
  expect(codes.filter(([, exitCode]) => exitCode !== 5 && exitCode !== 1)).toEqual([]);
});
