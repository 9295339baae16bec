import { test } from "vitest";
import { headsBetween } from "../../../worker/ui/execution/bundle/kept-head.ts";

const head = { cursor: 6, head: "a".repeat(64) };

test("a bundle must have what the server told of it before and after alike", ({ expect }) => {
  expect(headsBetween(head, { ...head })).toEqual([head]);
});

test("where pruning struck while it was read, or nothing was told, it is asked for nothing", ({ expect }) => {
  expect(headsBetween(head, { cursor: 6, head: "b".repeat(64) })).toEqual([]);
  expect(headsBetween(head, { ...head, cursor: 7 })).toEqual([]);
  expect(headsBetween(head, null)).toEqual([]);
  expect(headsBetween(null, head)).toEqual([]);
  expect(headsBetween(null, null)).toEqual([]);
});
