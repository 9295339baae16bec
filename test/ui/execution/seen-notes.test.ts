import { test } from "vitest";
import { gapNote } from "../../../worker/ui/execution/seen-notes.ts";
import { t0 } from "./build.ts";

test("of events that were lost it is said how many, whatever their number", ({ expect }) => {
  const said = (count: number | null) => gapNote({ at: t0, count, reason: "the container went" }).text;
  expect([0, 1, 2, null].map(said)).toEqual([
    "events lost: 0; the container went",
    "events lost: 1; the container went",
    "events lost: 2; the container went",
    "events lost: an unknown number; the container went",
  ]);
});
