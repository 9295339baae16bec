import { test } from "vitest";
import { certify } from "./programs.ts";

const program = "../../container/main.ts";
const timeout = 300_000;

test("our harness passes every row of the kit, none skipped", { timeout }, async ({ expect }) => {
  const { failed, report, exitCode } = await certify({ program, beats: true });
  expect(failed).toEqual({});
  expect(report.rows.filter(({ verdict }) => verdict.kind !== "pass")).toEqual([]);
  expect(report.rows.length).toBeGreaterThan(100);
  expect(exitCode).toBe(0);
});

test(
  "our harness alone promises no beats, and the rows about them say so",
  { timeout },
  async ({ expect }) => {
    const only = ["protocol", "cancel", "beats"].flatMap((name) => ["--only", name]);
    const { failed, report, exitCode } = await certify({ program, args: only });
    expect(failed).toEqual({});
    const skipped = report.rows.filter(({ verdict }) => verdict.kind === "skipped");
    expect(skipped.map(({ id }) => id)).toEqual(["beats", "beats-events", "beats-end", "beats-directive"]);
    expect(new Set(skipped.map(({ verdict }) => verdict.reason))).toEqual(
      new Set(["the harness names no instance of an execution in /health"]),
    );
    expect(exitCode).toBe(0);
  },
);
