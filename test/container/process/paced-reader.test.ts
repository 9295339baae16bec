import { PassThrough } from "node:stream";
import { test } from "vitest";
import { readPaced } from "../../../container/process/paced-reader.ts";
import { runProcess } from "../../../container/process.ts";

const flood = "{\n".repeat(32 * 1024);

test("between the slices of a flood of short lines the event loop has its turns, and no byte is lost", async ({
  expect,
}) => {
  const stream = new PassThrough();
  const order: string[] = [];
  let bytes = 0;
  const reader = readPaced(stream, (slice) => {
    bytes += slice.length;
    order.push("slice");
  });
  const ended = new Promise((resolve) => stream.once("end", resolve));
  stream.write(Buffer.from(flood));
  stream.end();
  setImmediate(() => order.push("somebody else"));
  expect(reader.isBusy()).toBe(true);
  await ended;
  await reader.settled();
  expect(bytes).toBe(flood.length);
  expect(order.indexOf("somebody else")).toBeLessThan(3);
  expect(reader.isBusy()).toBe(false);
});

test("a chunk of few lines is handed on as it came", ({ expect }) => {
  const stream = new PassThrough();
  const seen: number[] = [];
  readPaced(stream, ({ length }) => seen.push(length));
  stream.emit("data", Buffer.from(`${"x".repeat(60_000)}\n`));
  expect(seen).toEqual([60_001]);
});

test("a child that ends in the middle of its flood has all of it read", async ({ expect }) => {
  let bytes = 0;
  const { exit } = await runProcess({
    file: "sh",
    args: ["-c", "yes '{' | head -c 1000000"],
    cwd: "/",
    env: { PATH: process.env["PATH"] ?? "" },
    killGraceMs: 500,
    onStdout: (slice) => (bytes += slice.length),
  });
  expect(exit).toEqual({ kind: "exited", code: 0 });
  expect(bytes).toBe(1_000_000);
});
