import * as fc from "fast-check";
import { test } from "vitest";
import { createLineSplitter } from "../../../container/process/line-splitter.ts";

function splitInChunks(bytes: Uint8Array, cuts: readonly number[], maxLineBytes = 1_000) {
  const lines: string[] = [];
  const overlong: Array<{ head: string; bytes: number }> = [];
  const splitter = createLineSplitter({
    maxLineBytes,
    onLine: (line) => lines.push(line),
    onOverlong: (head, length) => overlong.push({ head, bytes: length }),
  });
  let from = 0;
  for (const cut of [...cuts.toSorted((a, b) => a - b), bytes.length]) {
    splitter.write(bytes.subarray(from, cut));
    from = Math.max(from, cut);
  }
  splitter.end();
  return { lines, overlong };
}

test("lines are the same however the stream was cut into chunks", ({ expect }) => {
  const text = '{"a":"€ \u{1F600}"}\n\nno end\u2028of line\r\nlast';
  const bytes = Buffer.from(text);
  fc.assert(
    fc.property(fc.array(fc.nat({ max: bytes.length })), (cuts) => {
      expect(splitInChunks(bytes, cuts)).toEqual({
        lines: ['{"a":"€ \u{1F600}"}', "", "no end\u2028of line", "last"],
        overlong: [],
      });
    }),
  );
});

test("a line over the bound is counted with its length and does not touch its neighbours", ({ expect }) => {
  const bytes = Buffer.from(`first\n${"x".repeat(5_000)}\nlast\n`);
  const { lines, overlong } = splitInChunks(bytes, [3, 10, 1_500, 4_000], 1_000);
  expect(lines).toEqual(["first", "last"]);
  expect(overlong).toEqual([{ head: "x".repeat(1_000), bytes: 5_000 }]);
});

test("of a line that is too long no more is kept than is asked for", ({ expect }) => {
  fc.assert(
    fc.property(fc.nat({ max: 30 }), fc.array(fc.nat({ max: 60 })), (headBytes, cuts) => {
      const told: unknown[] = [];
      const splitter = createLineSplitter({
        maxLineBytes: 20,
        headBytes: Math.min(headBytes, 20),
        onLine: (line) => told.push(line),
        onOverlong: (head, bytes) => told.push([head, bytes]),
      });
      const text = `short\n${"abcdefghij".repeat(4)}\nend\n`;
      let from = 0;
      for (const cut of [...cuts.toSorted((a, b) => a - b), text.length]) {
        splitter.write(Buffer.from(text.slice(from, cut)));
        from = Math.max(from, cut);
      }
      const head = "abcdefghij".repeat(4).slice(0, Math.min(headBytes, 20));
      expect(told).toEqual(["short", [head, 40], "end"]);
    }),
  );
});

test("a line of exactly the bound is a line", ({ expect }) => {
  expect(splitInChunks(Buffer.from(`${"x".repeat(10)}\n${"y".repeat(11)}`), [], 10)).toEqual({
    lines: ["x".repeat(10)],
    overlong: [{ head: "y".repeat(10), bytes: 11 }],
  });
});

test("binary garbage gives lines and no error", ({ expect }) => {
  const bytes = Uint8Array.from({ length: 4_096 }, (_, index) => (index * 7) % 256);
  const { lines } = splitInChunks(bytes, [100, 2_000]);
  expect(lines.length).toBeGreaterThan(10);
});

test("a line that is not wanted by its beginning is read over, however it was cut", ({ expect }) => {
  const unwanted = `{"type":"update","text":"${"x".repeat(200)}"}`;
  const text = `{"type":"end"}\n${unwanted}\n\n{"type":"update"}\nlast ${"y".repeat(100)}`;
  const bytes = Buffer.from(text);
  fc.assert(
    fc.property(fc.array(fc.nat({ max: bytes.length })), (cuts) => {
      const lines: string[] = [];
      let overlong = 0;
      const splitter = createLineSplitter({
        maxLineBytes: 150,
        isWanted: (head) => !head.startsWith('{"type":"update"'),
        onLine: (line) => lines.push(line),
        onOverlong: () => (overlong += 1),
      });
      let from = 0;
      for (const cut of [...cuts.toSorted((a, b) => a - b), bytes.length]) {
        splitter.write(bytes.subarray(from, cut));
        from = Math.max(from, cut);
      }
      splitter.end();
      expect(lines).toEqual(['{"type":"end"}', "", `last ${"y".repeat(100)}`]);
      expect(overlong).toBe(0);
    }),
  );
});
