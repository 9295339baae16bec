import { test } from "vitest";
import { ErrorBody, ErrorCode, Errors, refuse } from "../../shared/errors.ts";
import { readFixture } from "./fixtures.ts";

const rows = Object.entries(Errors);

test("every code is a fact in kebab-case with a status of its own side", ({ expect }) => {
  for (const [code, { status }] of rows) {
    expect(code).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(status, code).toBeGreaterThanOrEqual(400);
    expect(status, code).toBeLessThan(600);
  }
});

test("what the caller must change is not retryable; what passes by itself is", ({ expect }) => {
  const retryable = rows.filter(([, row]) => row.retryable).map(([code]) => code);
  expect(retryable).toStrictEqual(["rate-limited", "being-released", "internal-error"]);
});

test("the schema of codes and the table are one list", ({ expect }) => {
  for (const [code] of rows) expect(ErrorCode.safeParse(code).success, code).toBe(true);
  for (const code of ["", "nope", "toString", "__proto__"])
    expect(ErrorCode.safeParse(code).success).toBe(false);
  expect(ErrorBody.safeParse({ ...readFixture("error-body"), code: "nope" }).success).toBe(false);
});

test("a refusal is data, with details only where there are any", ({ expect }) => {
  expect(refuse("invalid-id", "no name")).toStrictEqual({ ok: false, code: "invalid-id", error: "no name" });
  const details = { fields: ["mode"] };
  expect(refuse("spec-differs", "it differs", details)).toStrictEqual({
    ok: false,
    code: "spec-differs",
    error: "it differs",
    details,
  });
});
