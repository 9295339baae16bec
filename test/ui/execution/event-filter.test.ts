import { test } from "vitest";
import type { LogEntry } from "../../../shared/events.ts";
import { filterEntries, kindsIn } from "../../../worker/ui/execution/log/event-filter.ts";
import { entries, event } from "./build.ts";

const log: readonly LogEntry[] = [
  ...entries(event("dispatched", 0), event("output", 1), event("tool-end", 2)),
  { kind: "gap", gap: { from: 90, to: 99, count: 10 } },
  ...entries(event("verdict", 3), event("output", 4)),
];

function kindsOf(found: readonly LogEntry[]): readonly string[] {
  return found.map((entry) => (entry.kind === "gap" ? "gap" : entry.event.kind));
}

test("a kind is shown with the gaps, in which it may have been", ({ expect }) => {
  expect(kindsOf(filterEntries(log, "output"))).toEqual(["output", "gap", "output"]);
  expect(filterEntries(log, "all")).toBe(log);
});

test("decisions are what no telemetry is, also of a kind that is not known yet", ({ expect }) => {
  const later = [...log, ...entries(event("of-a-later-version", 5))];
  expect(kindsOf(filterEntries(later, "decisions"))).toEqual([
    "dispatched",
    "gap",
    "verdict",
    "of-a-later-version",
  ]);
});

test("the kinds there are come by name, with their numbers", ({ expect }) => {
  expect(kindsIn(log)).toEqual([
    ["dispatched", 1],
    ["output", 2],
    ["tool-end", 1],
    ["verdict", 1],
  ]);
});
