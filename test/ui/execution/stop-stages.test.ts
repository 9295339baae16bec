import { describe, test } from "vitest";
import type { ExecutionEvent } from "../../../shared/events.ts";
import { stopStages } from "../../../worker/ui/execution/stop/stop-stages.ts";
import { entries, event, t0 } from "./build.ts";

type View = Parameters<typeof stopStages>[0];

function makeView(fields: Partial<View> = {}): View {
  const container = {
    id: "c",
    instance: "i1",
    image: "harness",
    size: "standard-1",
    running: true,
    coldStartMs: 1,
  };
  return {
    id: "e_1-coder",
    round: 1,
    state: "running",
    status: "stopping",
    outcome: null,
    container,
    ...fields,
  };
}

function note(atMs: number, code: string, text = code): ExecutionEvent {
  return event("note", atMs, { code, text });
}

function statesOf(view: View, ...events: readonly ExecutionEvent[]): string {
  return stopStages(view, entries(...events))
    .map(({ name, state }) => `${name} ${state}`)
    .join(", ");
}

const asked = note(0, "stop-requested", "no longer wanted");
const told = note(10, "stop-delivered");
const ended: Partial<View> = { state: "failed", status: "cancelled" };

test("a job that nobody asked to stop has no stages", ({ expect }) => {
  expect(stopStages(makeView({ status: "running" }), entries(event("phase", 0, { phase: "agent" })))).toEqual(
    [],
  );
});

describe("while it stops, the stage it is at is the last with evidence", () => {
  const cases = [
    { events: [asked], states: "asked now, told ahead, sigterm ahead, destroy ahead, dead ahead" },
    { events: [asked, told], states: "asked done, told now, sigterm ahead, destroy ahead, dead ahead" },
    {
      events: [asked, note(10, "stop-not-delivered", "refused"), note(11, "sigterm")],
      states: "asked done, told failed, sigterm now, destroy ahead, dead ahead",
    },
    {
      events: [asked, note(20, "destroy-requested")],
      states: "asked done, told skipped, sigterm skipped, destroy now, dead ahead",
    },
    {
      events: [
        asked,
        told,
        note(11, "sigterm"),
        note(12, "signal-15-sent"),
        note(13, "dead", "exit code 143"),
      ],
      states: "asked done, told done, sigterm done, destroy skipped, dead done",
    },
  ];
  for (const { events, states } of cases) {
    test(`after ${events.map((each) => String(each["code"])).join(", ")}`, ({ expect }) => {
      expect(statesOf(makeView(), ...events)).toBe(states);
    });
  }
});

test("each stage has its time and what was seen", ({ expect }) => {
  const stages = stopStages(makeView(), entries(asked, note(5, "observed", "silent"), told));
  expect(stages[0]).toEqual({
    name: "asked",
    state: "done",
    at: t0,
    evidence: [
      { at: t0, code: "stop-requested", text: "no longer wanted" },
      { at: t0 + 5, code: "observed", text: "silent" },
    ],
  });
});

test("what an ended stop did not need was skipped", ({ expect }) => {
  expect(statesOf(makeView(ended), asked)).toBe(
    "asked done, told skipped, sigterm skipped, destroy skipped, dead skipped",
  );
});

test("a death seen after the end is evidence of it too", ({ expect }) => {
  const late = event("instance-exited", 900, {
    jobId: null,
    code: null,
    cause: "self-stopped",
    proof: "gone",
  });
  expect(stopStages(makeView(ended), entries(asked, told, late))[4]).toMatchObject({
    state: "done",
    evidence: [{ text: "gone" }],
  });
  const other = { ...late, instance: "i9" };
  expect(stopStages(makeView(ended), entries(asked, told, other))[4]?.state).toBe("skipped");
});

test("an earlier round's stop is not this one's", ({ expect }) => {
  expect(stopStages(makeView({ round: 2 }), entries(asked, told))).toEqual([]);
});

test("where the log is not read yet the outcome's own evidence stands in", ({ expect }) => {
  const outcome = {
    code: "cancelled",
    retryable: true,
    blame: "user",
    next: "",
    evidence: [
      { at: t0, code: "stop-requested", text: "x" },
      { at: t0 + 9, code: "dead", text: "exit code 143" },
      { at: t0 + 9, code: "exit", text: "of no stage" },
    ],
  } as const satisfies View["outcome"];
  const stages = stopStages(
    makeView({ ...ended, outcome: { ...outcome, evidence: [...outcome.evidence] } }),
    [],
  );
  expect(stages.flatMap(({ evidence }) => evidence.map(({ code }) => code))).toEqual([
    "stop-requested",
    "dead",
  ]);
});
