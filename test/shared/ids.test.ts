import { createHash } from "node:crypto";
import { describe, test } from "vitest";
import {
  BoardName,
  BootId,
  decodeSegment,
  ExecutionId,
  executionOf,
  InstanceId,
  JobId,
} from "../../shared/ids.ts";

const sha256Hex = (text: string): Promise<string> =>
  Promise.resolve(createHash("sha256").update(text).digest("hex"));

describe("the execution of a job of the job protocol", () => {
  const rows = [
    ["run_1a", "run_1a"],
    ["run_1a-code", "run_1a"],
    ["exec_9f-code-retry-2", "exec_9f"],
    ["run_1a-", "run_1a"],
    ["run_1a-a\nb", "run_1a"],
    ["Run_1a-code", "Run_1a-code"],
    ["run_1A-code", "run_1A-code"],
    ["run-1a", "run-1a"],
    ["_1a", "_1a"],
    ["run_", "run_"],
    ["plain.name", "plain.name"],
  ] as const;
  for (const [jobId, execution] of rows) {
    test(`of ${JSON.stringify(jobId)} is ${execution}`, async ({ expect }) => {
      expect(await executionOf(jobId, sha256Hex)).toBe(execution);
    });
  }

  test("is a hash where the job id is no name, the same each time and different for each", async ({
    expect,
  }) => {
    const [first, again, other] = await Promise.all([
      executionOf("ünï codé", sha256Hex),
      executionOf("ünï codé", sha256Hex),
      executionOf("ünï codé 2", sha256Hex),
    ]);
    expect(first).toMatch(/^h_[0-9a-f]{40}$/);
    expect(again).toBe(first);
    expect(other).not.toBe(first);
    expect(ExecutionId.safeParse(first).success).toBe(true);
  });

  test("is a hash where the leading name is longer than an execution's may be", async ({ expect }) => {
    expect(await executionOf(`run_${"a".repeat(200)}-code`, sha256Hex)).toMatch(/^h_/);
  });
});

test("a job id has 1 to 256 printable characters", ({ expect }) => {
  const good = ["a", "ünï codé", "a/b", "%", "💡", "x".repeat(256), "a b"];
  const bad = ["", "x".repeat(257), "a\nb", "a\u0000", "\u007f", "a\u2028b", "\ud800", "\u001b[31m"];
  for (const id of good) expect(JobId.safeParse(id).success, JSON.stringify(id)).toBe(true);
  for (const id of bad) expect(JobId.safeParse(id).success, JSON.stringify(id)).toBe(false);
});

test("execution, instance, boot and board names keep to their letters and lengths", ({ expect }) => {
  expect(["a", "A.b_c-9", "x".repeat(128)].every((id) => ExecutionId.safeParse(id).success)).toBe(true);
  expect(
    ["", "a b", "a/b", "x".repeat(129), "ä", "a\n"].some((id) => ExecutionId.safeParse(id).success),
  ).toBe(false);
  for (const schema of [InstanceId, BootId]) {
    expect(schema.safeParse("0b9f3a52-6f1e").success).toBe(true);
    expect(["short", "x".repeat(65), "with space"].some((id) => schema.safeParse(id).success)).toBe(false);
  }
  expect(["main", "a", "team-1"].every((name) => BoardName.safeParse(name).success)).toBe(true);
  expect(["", "-a", "Main", "a_b", "x".repeat(64)].some((name) => BoardName.safeParse(name).success)).toBe(
    false,
  );
});

test("a path segment is decoded once, and malformed escapes are told apart from an empty one", ({
  expect,
}) => {
  expect(decodeSegment("a%20b")).toBe("a b");
  expect(decodeSegment("a%2520b")).toBe("a%20b");
  expect(decodeSegment("")).toBe("");
  for (const segment of ["%ZZ", "%", "%E0%A4%A", "%ff"]) expect(decodeSegment(segment), segment).toBeNull();
});
