import { describe, test } from "vitest";
import { timelineOf } from "../../../worker/ui/execution/timeline/timeline.ts";
import { entries, event, t0 } from "./build.ts";

const of = { jobId: "e_1-coder", round: 1, acceptedAt: t0, now: t0 + 60_000 };

/** Names and times since the acceptance, which are what one reads on a timeline. */
function phasesOf(...events: ReturnType<typeof event>[]): readonly string[] {
  return timelineOf(entries(...events), of).phases.map(
    ({ name, fromMs, toMs }) => `${name} ${fromMs - t0}-${toMs - t0}`,
  );
}

const started = [
  event("dispatched", 0, { attempt: 0, instance: null }),
  event("instance-started", 1_500, { jobId: null, round: null, attempt: null, coldStartMs: 1_000 }),
  event("attempt-started", 1_500),
];

describe("phases", () => {
  test("begin with waiting and starting, and the newest goes on to now", ({ expect }) => {
    expect(
      phasesOf(
        ...started,
        event("phase", 2_100, { phase: "clone", seenAt: t0 + 2_000 }),
        event("phase", 9_000, { phase: "agent" }),
      ),
    ).toEqual(["queued 0-500", "starting 500-2000", "clone 2000-9000", "agent 9000-60000"]);
  });

  test("of a job that found its container running have no start of one", ({ expect }) => {
    expect(phasesOf(event("attempt-started", 30), event("phase", 40, { phase: "clone" }))).toEqual([
      "queued 0-40",
      "clone 40-60000",
    ]);
  });

  test("end with the job, what came after it aside", ({ expect }) => {
    expect(
      phasesOf(
        ...started,
        event("phase", 2_000, { phase: "agent" }),
        event("terminal", 7_000, { status: "done" }),
        event("phase", 8_000, { phase: "late" }),
      ).at(-1),
    ).toBe("agent 2000-7000");
  });

  test("show a stop and a recovery as what they are", ({ expect }) => {
    expect(
      phasesOf(
        ...started,
        event("phase", 2_000, { phase: "agent" }),
        event("verdict", 5_000, { cause: "vanished", decision: "recover" }),
        event("note", 5_000, { code: "recovering", text: "…" }),
        event("instance-started", 9_000, { jobId: null, attempt: null, instance: "i2", coldStartMs: 1_000 }),
        event("attempt-started", 9_000, { attempt: 2, instance: "i2" }),
        event("phase", 10_000, { attempt: 2, phase: "agent" }),
        event("cancel-requested", 12_000, { attempt: 2, reason: "…" }),
      ).slice(2),
    ).toEqual([
      "agent 2000-5000",
      "recovering 5000-8000",
      "starting 8000-10000",
      "agent 10000-12000",
      "stopping 12000-60000",
    ]);
  });

  test("a limit that was passed and a release of the execution begin a stop too", ({ expect }) => {
    const limit = event("verdict", 5_000, { cause: "max-duration", limitMs: 1, observedMs: 2 });
    const release = event("released", 5_000, { jobId: null, round: null, attempt: null, reason: "…" });
    for (const stop of [limit, release]) {
      expect(phasesOf(event("phase", 0, { phase: "agent" }), stop).at(-1)).toBe("stopping 5000-60000");
    }
  });
});

test("attempts end where they were lost or where the job ended", ({ expect }) => {
  const { attempts } = timelineOf(
    entries(
      event("attempt-started", 1_000),
      event("verdict", 5_000, { cause: "vanished", decision: "recover" }),
      event("attempt-started", 9_000, { attempt: 2, instance: "i2" }),
      event("terminal", 20_000, { attempt: 2, status: "done" }),
    ),
    of,
  );
  expect(attempts).toEqual([
    { number: 1, fromMs: t0 + 1_000, toMs: t0 + 5_000, end: "lost" },
    { number: 2, fromMs: t0 + 9_000, toMs: t0 + 20_000, end: "ended" },
  ]);
});

describe("tool calls", () => {
  const call = { tool: "bash", callId: "c1", argsSummary: "npm test" };

  test("go on until they end, with the times of the object's clock", ({ expect }) => {
    const begun = event("tool-start", 3_100, { ...call, seenAt: t0 + 3_000 });
    const open = timelineOf(entries(begun), of).calls;
    expect(open).toMatchObject([{ tool: "bash", state: "open", fromMs: t0 + 3_000, toMs: t0 + 60_000 }]);
    const ended = event("tool-end", 5_100, {
      ...call,
      ok: false,
      durationMs: 2_000,
      startedAt: t0 + 3_050,
      endedAt: t0 + 5_050,
    });
    expect(timelineOf(entries(begun, ended), of).calls).toMatchObject([
      { state: "failed", args: "npm test", fromMs: t0 + 3_050, toMs: t0 + 5_050 },
    ]);
  });

  test("whose attempt ended before them are left", ({ expect }) => {
    const { calls } = timelineOf(
      entries(
        event("attempt-started", 1_000),
        event("tool-start", 3_000, call),
        event("verdict", 6_000, { decision: "recover" }),
      ),
      of,
    );
    expect(calls).toMatchObject([{ state: "left", toMs: t0 + 6_000 }]);
  });

  test("stand in the order in which they began", ({ expect }) => {
    const long = { ...call, callId: "c1", ok: true, startedAt: t0 + 1_000, endedAt: t0 + 9_000 };
    const short = { ...call, callId: "c2", ok: true, startedAt: t0 + 2_000, endedAt: t0 + 3_000 };
    const { calls } = timelineOf(
      entries(event("tool-end", 3_000, short), event("tool-end", 9_000, long)),
      of,
    );
    expect(calls.map(({ fromMs }) => fromMs - t0)).toEqual([1_000, 2_000]);
  });
});

test("other jobs and earlier rounds are not on it", ({ expect }) => {
  const { phases, calls, attempts } = timelineOf(
    entries(
      event("attempt-started", 1_000, { jobId: "e_1-other" }),
      event("phase", 1_000, { phase: "clone", round: 0 }),
      event("tool-end", 2_000, { jobId: "e_1-other", tool: "bash", ok: true, durationMs: 5 }),
    ),
    of,
  );
  expect({ phases: phases.map(({ name }) => name), calls, attempts }).toEqual({
    phases: ["queued"],
    calls: [],
    attempts: [],
  });
});

test("what was decided, asked and lost is marked where it happened", ({ expect }) => {
  const { moments } = timelineOf(
    entries(
      event("gap", 1, { count: null, reason: "…" }),
      event("follow-up", 2, { followUp: { kind: "question", title: "?", detail: "" } }),
      event("follow-up", 3, { followUp: { kind: "follow_up", title: ".", detail: "" } }),
      event("deadline-extended", 4, { deadline: "max-duration", until: 0 }),
      event("verdict", 5, { cause: "vanished", decision: "recover" }),
      event("verdict", 6, { cause: "max-duration", limitMs: 1, observedMs: 2 }),
      event("cancel-requested", 7, { reason: "" }),
      event("terminal", 8, { status: "cancelled" }),
      event("released", 9, { jobId: null, reason: "" }),
    ),
    of,
  );
  expect(moments.map(({ kind }) => kind)).toEqual([
    "gap",
    "question",
    "extended",
    "lost",
    "overran",
    "cancel",
    "end",
  ]);
});
