import { onTestFinished, test, vi } from "vitest";
import { createSystemLog } from "../../worker/system.ts";

test("a line of the log is one JSON object with its context, and redacted as a whole", ({ expect }) => {
  const info = vi.spyOn(console, "info").mockImplementation(() => {});
  onTestFinished(() => info.mockRestore());
  const token = `ghp_${"a1B2".repeat(9)}`;
  createSystemLog({ executionId: "exec_1" })
    .child({ attempt: 2 })
    .write("info", "job.dispatched", {
      jobId: "exec_1-coder",
      url: `https://x-access-token:${token}@github.com/o/r`,
      error: new Error(`push with ${token} failed`),
      bytes: 12n,
    });
  const line = String(info.mock.calls[0]?.[0]);
  expect(line).not.toContain(token);
  expect(JSON.parse(line)).toMatchObject({
    ts: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    level: "info",
    event: "job.dispatched",
    executionId: "exec_1",
    attempt: 2,
    jobId: "exec_1-coder",
    error: { name: "Error", message: expect.stringContaining("push with") },
    bytes: "12",
  });
});
