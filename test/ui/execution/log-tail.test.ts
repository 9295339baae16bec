import { test } from "vitest";
import { tailOf, tailOfView } from "../../../worker/ui/execution/log/log-tail.ts";
import { entries, event } from "./build.ts";

function output(text: string, stream = "agent") {
  return event("output", 0, { text, stream });
}

test("the tail has the newest lines, each once, in their order", ({ expect }) => {
  const tail = tailOf(entries(output("a\nb"), event("usage", 1), output("c\n\n"), output("d")), 3);
  expect(tail.lines.map(({ text }) => text)).toEqual(["b", "c", "d"]);
  expect(tail.isCut).toBe(true);
  expect(new Set(tail.lines.map(({ key }) => key)).size).toBe(3);
});

test("between what was printed stand phases and calls that ended, and no other telemetry", ({ expect }) => {
  const call = { tool: "bash", callId: "c", argsSummary: "ls", ok: true, durationMs: 1_500 };
  const tail = tailOf(
    entries(
      event("phase", 0, { phase: "agent" }),
      event("tool-start", 1, call),
      event("tool-end", 2, call),
      event("usage", 3, { inputTokens: 1, outputTokens: 1 }),
      output("done"),
    ),
    10,
  );
  expect(tail.lines.map(({ stream, text }) => `${stream}: ${text}`)).toEqual([
    "phase: agent",
    "tool: bash ok after 1.5 s  ls",
    "agent: done",
  ]);
});

test("a line keeps its key while others come", ({ expect }) => {
  const before = [output("a"), output("b\nc")];
  const [first] = tailOf(entries(...before), 10).lines.slice(-1);
  const [second] = tailOf(entries(...before, output("d")), 10).lines.slice(-2);
  expect(second).toEqual(first);
});

test("what is missing is a line of its own", ({ expect }) => {
  const tail = tailOf(
    [
      ...entries(output("a")),
      { kind: "gap", gap: { from: 2, to: 41, count: 40 } },
      ...entries(output("b"), event("gap", 3, { count: null, reason: "lost" })),
    ],
    10,
  );
  expect(tail.lines.map(({ text }) => text)).toEqual([
    "a",
    "40 older events are no longer kept",
    "b",
    "an unknown number of events are missing: lost",
  ]);
});

test("a text that steers terminals or turns lines round is plain, and one without end is cut", ({
  expect,
}) => {
  const { lines } = tailOf(
    entries(output("\u001B[31mred\u001B[0m \u202Eevil"), output("x".repeat(10_000))),
    10,
  );
  expect(lines[0]?.text).toBe("red evil");
  expect(lines[1]?.text).toMatch(/^x{2000} … \(8000 more characters\)$/);
});

test("until the log is read the view's own tail stands there, as the cut one it is", ({ expect }) => {
  expect(tailOfView(["one", "\u001B[1mtwo"], 5)).toMatchObject({
    lines: [{ text: "one" }, { text: "two", at: 5 }],
    isCut: true,
  });
});
