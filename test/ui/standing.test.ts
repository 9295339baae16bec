import { test } from "vitest";
import { standingAfter } from "../../worker/ui/standing.ts";

const unauthorized = { code: "unauthorized", error: "no such token" } as const;

test("a refused token signs out, and no token at all was not refused", ({ expect }) => {
  expect(standingAfter(unauthorized, "t", "t")).toEqual({ kind: "signed-out", wasRefused: true });
  expect(standingAfter(unauthorized, null, null)).toEqual({ kind: "signed-out", wasRefused: false });
});

test("a deployment that lets nobody in says why", ({ expect }) => {
  const failure = { code: "auth-not-configured", error: "no tokens" } as const;
  expect(standingAfter(failure, "t", "t")).toEqual({ kind: "not-configured", why: "no tokens" });
});

test("answers and other refusals change nothing", ({ expect }) => {
  expect(standingAfter(undefined, "t", "t")).toBe(null);
  expect(standingAfter({ code: "forbidden", error: "scope" }, "t", "t")).toBe(null);
});

test("the late refusal of a token of before does not sign out the one there is", ({ expect }) => {
  expect(standingAfter(unauthorized, "old", "new")).toBe(null);
  expect(standingAfter(unauthorized, null, "new")).toBe(null);
  expect(standingAfter(unauthorized, "old", null)).toBe(null);
});
