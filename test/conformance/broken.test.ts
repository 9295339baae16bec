import { readdirSync } from "node:fs";
import { describe, test } from "vitest";
import { certify } from "./programs.ts";
import { rows } from "./rows.ts";

const timeout = 400_000;

/** What an answer that was tampered with can show: the rows about repositories are the same job after job. */
const among = ["protocol", "bodies", "attaching", "telemetry", "failures", "secrets", "cancel"];

/** Each broken harness, and exactly the rows at which it fails. */
const faults = {
  "calls-a-failure-done": ["cause-agent", "failed-or-done", "failure-detail", "redaction-shapes"],
  "cancels-in-words": ["cancel-survivors"],
  "ignores-the-secret": ["secret", "secret-repeated", "secret-first"],
  "leaks-the-token": ["redaction-known"],
  "loses-the-cause": [
    "cause-agent",
    "cause-git",
    "cause-api",
    "cause-no-usable-output",
    "cause-no-changes",
    "cause-inactivity-timeout",
    "cause-max-duration",
  ],
  "repeats-telemetry": ["spans-once", "follow-ups-once"],
  "runs-a-known-job-again": ["again-done", "again-failed"],
} as const;

test("there are eight broken harnesses, and each is held against the kit", ({ expect }) => {
  const programs = readdirSync(new URL("broken", import.meta.url))
    .filter((name) => name.endsWith(".ts") && name !== "proxy.ts")
    .map((name) => name.replace(".ts", ""));
  expect(programs.toSorted()).toEqual([...Object.keys(faults), "original-semantics"].toSorted());
  expect(programs).toHaveLength(8);
});

test(
  "a harness of the original's semantics passes the contract, and nothing that goes beyond it",
  { timeout },
  async ({ expect }) => {
    const { failed, report, exitCode } = await certify({ program: "broken/original-semantics.ts" });
    const contract = report.rows.filter(({ kind }) => kind === "contract");
    expect(contract.filter(({ verdict }) => verdict.kind !== "pass")).toEqual([]);
    const beyond = rows.filter(
      ({ kind, group }) => kind === "beyond" && !["cancel", "beats"].includes(group),
    );
    expect(Object.keys(failed).toSorted()).toEqual(beyond.map(({ id }) => id).toSorted());
    const skipped = report.rows.filter(({ verdict }) => verdict.kind === "skipped");
    expect(skipped.map(({ id }) => id)).toEqual(
      rows.filter(({ group }) => ["cancel", "beats"].includes(group)).map(({ id }) => id),
    );
    expect(exitCode).toBe(1);
  },
);

describe.concurrent("a harness with one fault fails at the rows that name it, and at no other", () => {
  test.for(Object.entries(faults))("%s", { timeout }, async ([name, ids], { expect }) => {
    const only = among.flatMap((group) => ["--only", group]);
    const { failed, exitCode } = await certify({
      program: `broken/${name}.ts`,
      args: [...only, "--at-once", "1"],
    });
    expect(Object.keys(failed).toSorted(), JSON.stringify(failed)).toEqual([...ids].toSorted());
    expect(exitCode).toBe(1);
  });
});
