import { test } from "vitest";
import { createLog } from "../../../container/log.ts";

test("a line is JSON with its context, and every string in it is redacted", ({ expect }) => {
  const lines: string[] = [];
  const log = createLog({
    now: () => Date.parse("2099-01-01T00:00:00Z"),
    write: (line) => lines.push(line),
    redact: (text) => text.replaceAll("secret", "***"),
    context: { boot: "b" },
  });
  log.child({ jobId: "a secret job" }).write("warn", "job.threw", {
    list: ["secret", { deep: "secret" }],
    count: 3n,
    nothing: undefined,
    level: "not this one",
  });
  expect(lines.map((line): unknown => JSON.parse(line))).toStrictEqual([
    {
      boot: "b",
      jobId: "a *** job",
      list: ["***", { deep: "***" }],
      count: "3",
      ts: "2099-01-01T00:00:00.000Z",
      level: "warn",
      event: "job.threw",
    },
  ]);
});

test("an error is told with its stack, a circle ends, and no field stops the caller", ({ expect }) => {
  const lines: string[] = [];
  const log = createLog({ now: () => 0, write: (line) => lines.push(line), redact: (text) => text });
  const circle: Record<string, unknown> = {};
  circle["self"] = circle;
  log.write("error", "x.y", { error: new Error("boom"), circle, call: () => 1 });
  expect(lines[0]).toContain("Error: boom\\n    at ");
  expect(lines[0]).toContain("…");
});
