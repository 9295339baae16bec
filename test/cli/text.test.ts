import { test } from "vitest";
import { coloured, plain } from "../../cli/paint.ts";
import { cardTable, inOrder } from "../../cli/text/card-text.ts";
import { createEventLines } from "../../cli/text/event-lines.ts";
import { executionText } from "../../cli/text/execution-text.ts";
import { endText, jobText } from "../../cli/text/job-text.ts";
import { liveBlock } from "../../cli/text/live-block.ts";
import { fitTo, textWidth } from "../../cli/text/width.ts";
import { Card } from "../../shared/board.ts";
import type { LogEntry } from "../../shared/events.ts";
import { at, entry, hostile, makeView, steering } from "./views.ts";

process.env["TZ"] = "UTC";

const progress = {
  completed: 1,
  inProgress: 1,
  total: 4,
  items: [
    { label: "read the test", status: "completed" },
    { label: "edit the parser", status: "in_progress" },
    { label: "run every test", status: "pending" },
  ],
};

function lines(...entries: readonly LogEntry[]): readonly string[] {
  const { add } = createEventLines(plain);
  return entries.flatMap(add);
}

test("a job at work says what it does, how fresh that is, and what will stop it", ({ expect }) => {
  const text = jobText(makeView({ progress, logTail: ["red", "green"] }), plain).join("\n");
  expect(text).toMatchInlineSnapshot(`
    "status      running · phase agent · for 2m 10s
    job         exec_1-coder in execution exec_1, board main
    labels      title=Fix the parser
    times       accepted 2099-01-01T11:57:50+00:00
                read     2099-01-01T12:00:00+00:00, agent last active 4.0s before this was read
    attempts    1
    progress    ██████▒▒▒▒▒▒░░░░░░░░░░░░ 1 of 4
                ✓ read the test
                ▸ edit the parser
                · run every test
    signals     process just now · output 4s ago · tool 12s ago
    stops       inactivity in 9m 56s, at 12:09:56: the job is stopped unless its agent shows activity (can be extended)
    deadlines   tick in 20s, at 12:00:20: the container is looked after
                silence in 44s, at 12:00:44: the harness is asked whether it lives unless it beats
                max-duration in 58m, at 12:58:00: the job is stopped, whatever it does (can be extended)
    container   runs · harness on standard-1, ready after 705ms · instance 95b7e2fd
    usage       container 2m
    policy      max-duration 1h · inactivity 10m · tool-silence 30m · silence 45s · recovery heal (crash 1, transient 5)
    log         red
                green"
  `);
});

test("an ended job says why, whose doing it was, with what evidence, and what to do", ({ expect }) => {
  const view = makeView({
    state: "failed",
    status: "failed",
    error: "Aborted: no agent activity for 600s",
    detail: "Phase timings: clone=2s, agent=600s.",
    deadlines: [],
    outcome: {
      code: "inactivity-timeout",
      retryable: true,
      blame: "provider",
      evidence: [{ at, code: "observed", text: "observed 600 s, allowed 600 s" }],
      next: "The agent fell silent; check the model's endpoint, then dispatch again.",
    },
    result: { pushed: true, branch: "holt/x", prUrl: "https://github.com/a/b/pull/1" },
    recoveries: [{ at, attempt: 1, evicted: "crash", why: "exit code 137" }],
    exit: { code: null, cause: "vanished", by: "inspect", at },
  });
  expect(endText(view, plain).join("\n")).toMatchInlineSnapshot(`
    "ended       failed · inactivity-timeout
    why         Aborted: no agent activity for 600s
    detail      Phase timings: clone=2s, agent=600s.
    blame       provider; the same dispatch may succeed
    evidence    12:00:00  observed: observed 600 s, allowed 600 s
    result      branch holt/x, pushed
                https://github.com/a/b/pull/1
    next        The agent fell silent; check the model's endpoint, then dispatch again."
  `);
  expect(jobText(view, plain).join("\n")).toMatch(/attempt 1 was lost \(crash\): exit code 137/);
  expect(jobText(view, plain).join("\n")).toMatch(/vanished, exit code unknown/);
});

test("a done job whose result has an error does not read as done", ({ expect }) => {
  const outcome = { code: "result-error", retryable: true, blame: "agent", evidence: [], next: "Read it." };
  const view = makeView({ state: "done", status: "done", result: { error: "nothing usable" }, outcome });
  expect(endText(view, plain)[0]).toBe("ended       done, with an error · result-error");
});

test("an execution has a line for each job", ({ expect }) => {
  const queued = makeView({
    id: "exec_1-tester",
    status: "queued",
    attempt: 0,
    container: null,
    queue: { position: 2, live: 20, max: 20 },
    labels: {},
  });
  const view = {
    executionId: "exec_1",
    board: "main",
    revision: 9,
    asOf: at,
    cursor: 12,
    jobs: [makeView({ progress }), queued],
    instance: makeView().container,
    deadlines: [],
    containerSeconds: 95,
  };
  expect(executionText(view, plain).join("\n")).toMatchInlineSnapshot(`
    "exec_1 on board main · a container of standard-1 runs · 1m 35s of container time
    read 2099-01-01T12:00:00+00:00

    exec_1-coder  running · phase agent · for 2m 10s
      Fix the parser
      1 of 4 done · inactivity stops it in 9m 56s
    exec_1-tester  queued · number 2 in the line; 20 of 20 containers in use · for 2m 10s"
  `);
});

test("events are lines; a tool call is one, when it has ended", ({ expect }) => {
  const call = { tool: "bash", callId: "1", argsSummary: "node --test" };
  const said = lines(
    entry("dispatched"),
    entry("instance-started", { coldStartMs: 705, jobId: null, attempt: null }),
    entry("attempt-started"),
    entry("phase", { phase: "agent" }),
    entry("tool-start", call),
    entry("tool-end", { ...call, ok: false, durationMs: 1_350 }),
    entry("tool-start", { ...call, callId: "2" }),
    entry("usage", { inputTokens: 1, outputTokens: 2 }),
    entry("output", { stream: "agent", text: "one\n\ntwo" }),
    entry("gap", { count: null, reason: "the container was lost" }),
    { kind: "gap", gap: { from: 3, to: 9, count: 7 } },
    entry("follow-up", { followUp: { kind: "question", title: "Which?" } }),
    entry("deadline-extended", { deadline: "inactivity", until: at + 60_000 }),
    entry("verdict", { cause: "oom", decision: "heal" }),
    entry("of-a-later-version", { text: "news" }),
    entry("instance-exited", { cause: "oom", code: null }),
    entry("terminal", { status: "evicted" }),
  );
  expect(said.join("\n")).toMatchInlineSnapshot(`
    "12:00:00  job        exec_1-coder is stored and its deadlines are armed
    12:00:00  container  ready after 705ms
    12:00:00  attempt 1  begins
    12:00:00  phase      agent
    12:00:00  tool       bash   failed    1.3s  node --test
    12:00:00  agent      one
    12:00:00  agent      two
    12:00:00  gap        an unknown number of events are missing: the container was lost
              ┄ 7 older events are no longer kept ┄
    12:00:00  question   Which?
    12:00:00  extended   inactivity until 12:01:00
    12:00:00  object     verdict oom heal
    12:00:00  object     of-a-later-version news
    12:00:00  tool       bash   never ended  node --test
    12:00:00  container  ended: oom, exit code unknown
    12:00:00  ended      evicted"
  `);
});

test("the live block counts on between two reads, and says when it is old", ({ expect }) => {
  const lost = {
    failure: {
      code: "unreachable",
      error: "cannot reach it",
      status: null,
      requestId: null,
      retryable: true,
    },
    since: at + 10_000,
  } as const;
  const live = {
    view: makeView({ progress }),
    readAt: at,
    calls: [{ tool: "bash", args: "node --test", at }],
    lost,
  };
  expect(liveBlock(live, at + 30_000, plain).join("\n")).toMatchInlineSnapshot(`
    "
    12:00:00  tool       bash   …          30s  node --test
    exec_1-coder  Fix the parser  running · phase agent · for 2m 40s
      ██████▒▒▒▒▒▒░░░░░░░░░░░░ 1 of 4
      ✓ read the test
      ▸ edit the parser
      · run every test
      process 30s ago · output 34s ago · tool 42s ago
      stops in 9m 26s (inactivity), at the latest in 57m 30s: the job is stopped unless its agent shows activity
      connection lost 20s ago, all of this is 30s old: cannot reach it"
  `);
});

test("nothing that an agent writes reaches the terminal as a control", ({ expect }) => {
  const view = makeView({
    phase: hostile,
    labels: { title: hostile, [hostile]: hostile },
    progress: { completed: 0, inProgress: 0, total: 1, items: [{ label: hostile, status: hostile }] },
    error: hostile,
    detail: hostile,
    result: { summary: hostile, branch: hostile, prUrl: hostile, error: hostile, preview: { url: hostile } },
    outcome: {
      code: "agent-failed",
      retryable: true,
      blame: "agent",
      evidence: [{ at, code: hostile, text: hostile }],
      next: hostile,
    },
    notes: [{ at, code: hostile, text: hostile }],
    gaps: [{ at, count: 1, reason: hostile }],
    followUps: [{ kind: "question", title: hostile, detail: hostile }],
    attention: { since: at, why: hostile },
    logTail: [hostile],
    usage: {
      containerSeconds: 1,
      tokens: [{ model: hostile, input: 1, cacheRead: 0, cacheWrite: 0, output: 1 }],
    },
  });
  const live = { view, readAt: at, calls: [], lost: null };
  const events = ["output", "note", "phase", "tool-end", "follow-up", "gap", hostile].map((kind) =>
    entry(kind, {
      text: hostile,
      code: hostile,
      phase: hostile,
      tool: hostile,
      argsSummary: hostile,
      reason: hostile,
      stream: hostile,
      followUp: { title: hostile },
    }),
  );
  const all = [...jobText(view, plain), ...liveBlock(live, at, plain), ...lines(...events)].join("\n");
  expect(all).toContain("evil");
  expect(all).not.toMatch(steering);
});

test.for<[line: string, columns: number, fitted: string]>([
  ["short", 10, "short"],
  ["exactly ten", 11, "exactly ten"],
  ["one too long", 11, "one too lo…"],
  ["漢字漢字", 8, "漢字漢字"],
  ["漢字漢字", 7, "漢字漢…"],
  ["漢字漢字", 6, "漢字…"],
  ["✅⚡⏳❌", 7, "✅⚡⏳…"],
  [coloured("red", "a red line"), 5, "\u001B[31ma re…\u001B[39m"],
])("'%s' in %i columns", ([line, columns, fitted], { expect }) => {
  expect(fitTo(line, columns)).toBe(fitted);
  expect(textWidth(fitTo(line, columns))).toBeLessThanOrEqual(columns);
});

function makeCard(overrides: Record<string, unknown> = {}): Card {
  const view = makeView();
  return Card.parse({
    executionId: "exec_1",
    jobId: "exec_1-coder",
    round: 1,
    title: "Fix the parser",
    labels: {},
    about: null,
    status: "running",
    phase: "agent",
    progress: { completed: 3, inProgress: 1, total: 8, items: [] },
    signals: { process: at - 2_000, output: null, tool: null },
    attempt: 1,
    recoveries: 0,
    attention: null,
    queue: null,
    outcome: null,
    endedAt: null,
    staleAt: at + 60_000,
    usage: { containerSeconds: 1, input: 0, cacheRead: 0, cacheWrite: 0, output: 0 },
    deadline: view.deadlines.find(({ name }) => name === "inactivity"),
    startedAt: at - 60_000,
    revision: 1,
    asOf: at,
    ...overrides,
  });
}

test("a board is a table: what asks for a person, what lives, what ended; stale is said to be stale", ({
  expect,
}) => {
  const outcome = { code: "inactivity-timeout", retryable: true, blame: "provider", next: "Look." };
  const ended = { status: "failed", outcome, endedAt: at - 90_000, deadline: null, staleAt: null };
  const cards = [
    makeCard({ jobId: "a-ended", ...ended }),
    makeCard({ jobId: "b-works" }),
    makeCard({ jobId: "c-stale", title: "c-stale", staleAt: at - 30_000, progress: null }),
    makeCard({
      jobId: "d-waits",
      status: "queued",
      queue: { position: 2, live: 20, max: 20 },
      signals: { process: null, output: null, tool: null },
    }),
    makeCard({ jobId: "漢字-asks", attention: { since: at, why: hostile }, title: hostile }),
  ];
  const table = cardTable(inOrder(cards), at, plain);
  expect(table.join("\n")).not.toMatch(steering);
  expect(table.join("\n")).toMatchInlineSnapshot(`
    "job                 status                       done  heard             what stops it         title
    'exec_1/漢字-asks'  running · agent              3/8   2s ago            evil                  evil
    exec_1/b-works      running · agent              3/8   2s ago            inactivity in 9m 56s  Fix the parser
    exec_1/c-stale      running · agent                    stale for 30s     inactivity in 9m 56s
    exec_1/d-waits      queued · agent               3/8   not yet           number 2 in the line  Fix the parser
    exec_1/a-ended      failed (inactivity-timeout)  3/8   ended 1m 30s ago                        Fix the parser"
  `);
});
