import { describe, test } from "vitest";
import type { Note } from "../../../shared/note.ts";
import { stopStages, stopWords } from "../../../worker/ui/execution/stop/stop-stages.ts";
import { t0 } from "./build.ts";

type View = Parameters<typeof stopStages>[0];

function note(atMs: number, code: string, text = code): Note {
  return { at: t0 + atMs, code, text };
}

function stopping(...evidence: readonly Note[]): View {
  const stop = { kind: "cancel", cause: "cancelled", text: "", at: t0, stage: "cooperative" } as const;
  return { state: "running", stop: { ...stop, evidence: [...evidence] }, outcome: null, exit: null };
}

function ended(evidence: readonly Note[], exit: View["exit"] = null): View {
  const outcome = { code: "cancelled", retryable: true, blame: "user", next: "" } as const;
  return { state: "failed", outcome: { ...outcome, evidence: [...evidence] }, exit };
}

function statesOf(view: View): string {
  return stopStages(view)
    .map(({ name, state }) => `${name} ${state}`)
    .join(", ");
}

const alive = { id: "c1", instance: "i1", image: "coder", size: "standard-1", coldStartMs: null } as const;
const asked = note(0, "stop-requested", "no longer wanted");
const told = note(10, "stop-delivered");

test("a job that nobody asked to stop has no stages", ({ expect }) => {
  expect(stopStages({ state: "running", outcome: null, exit: null })).toEqual([]);
  expect(stopStages(ended([note(0, "exit", "exit code 137")]))).toEqual([]);
});

describe("while it stops, the stage it is at is the last with evidence", () => {
  const cases = [
    { evidence: [asked], states: "asked now, told ahead, sigterm ahead, destroy ahead, dead ahead" },
    { evidence: [asked, told], states: "asked done, told now, sigterm ahead, destroy ahead, dead ahead" },
    {
      evidence: [asked, note(10, "stop-not-delivered", "refused"), note(11, "sigterm")],
      states: "asked done, told failed, sigterm now, destroy ahead, dead ahead",
    },
    {
      evidence: [asked, note(20, "destroy-requested")],
      states: "asked done, told skipped, sigterm skipped, destroy now, dead ahead",
    },
    {
      evidence: [asked, told, note(11, "sigterm"), note(12, "signal-15-sent"), note(13, "dead")],
      states: "asked done, told done, sigterm done, destroy skipped, dead done",
    },
    {
      evidence: [asked, note(20, "destroy-requested"), note(35, "death-not-proved")],
      states: "asked done, told skipped, sigterm skipped, destroy done, dead failed",
    },
    {
      evidence: [asked, note(20, "destroy-requested"), note(35, "death-not-proved"), note(50, "dead")],
      states: "asked done, told skipped, sigterm skipped, destroy done, dead done",
    },
  ];
  for (const { evidence, states } of cases) {
    test(`after ${evidence.map(({ code }) => code).join(", ")}`, ({ expect }) => {
      expect(statesOf(stopping(...evidence))).toBe(states);
    });
  }
});

test("each stage has its time and what was seen", ({ expect }) => {
  const observed = note(5, "observed", "silent for 600 s");
  expect(stopStages(stopping(asked, observed, told))[0]).toEqual({
    name: "asked",
    state: "done",
    at: t0,
    evidence: [asked, observed],
  });
});

test("what an ended stop did not need was skipped", ({ expect }) => {
  expect(statesOf(ended([asked]))).toBe(
    "asked done, told skipped, sigterm skipped, destroy skipped, dead skipped",
  );
});

test("a container's end that is seen after the job's is evidence of its death, and told once", ({
  expect,
}) => {
  const exit = { code: 137, cause: "self-stopped", by: "monitor", at: t0 + 900 } as const;
  expect(stopStages(ended([asked, told], exit))[4]).toEqual({
    name: "dead",
    state: "done",
    at: t0 + 900,
    evidence: [{ at: t0 + 900, code: "dead", text: "exit code 137, seen by monitor" }],
  });
  expect(stopStages(ended([asked, note(5, "dead", "gone")], exit))[4]?.evidence).toHaveLength(1);
});

describe("an ended stop says of its container", () => {
  const unproved = [
    asked,
    told,
    note(11, "sigterm"),
    note(12, "destroy-requested"),
    note(13, "death-not-proved", "no proof within 15 s"),
  ];
  const exit = { code: null, cause: "vanished", by: "monitor", at: t0 + 900 } as const;
  const cases = [
    {
      when: "its death could not be proved",
      view: ended(unproved),
      dead: "failed",
      words: /death was not seen/,
    },
    {
      when: "its death was proved after the job was given up",
      view: ended(unproved, exit),
      dead: "done",
      words: /death was proved/,
    },
    {
      when: "the harness ended the job by itself, and it stays",
      view: ended([asked, note(20, "harness-ended")]),
      dead: "skipped",
      words: /death was not seen/,
    },
    {
      when: "the work was done before the harness was told, and it stays",
      view: ended([asked]),
      isAlive: true,
      dead: "skipped",
      words: /death was not seen/,
    },
    { when: "there was none", view: ended([asked]), dead: "skipped", words: /without a container/ },
  ];
  for (const { when, view, isAlive = false, dead, words } of cases) {
    test(`where ${when}`, ({ expect }) => {
      const stages = stopStages(view);
      expect(stages.at(-1)?.state).toBe(dead);
      const container = isAlive ? { ...alive, running: true } : null;
      expect(stopWords({ state: view.state, container }, stages)).toMatch(words);
    });
  }
});
