import { test } from "vitest";
import { linesOf } from "../../cli/lines.ts";
import { readFrames } from "../../cli/sse.ts";

const bytes = new TextEncoder();

/** The same bytes in pieces of a size. */
async function* cut(text: string, size: number): AsyncGenerator<Uint8Array, void, undefined> {
  const all = bytes.encode(text);
  for (let at = 0; at < all.length; at += size) yield all.slice(at, at + size);
}

async function collect<T>(source: AsyncIterable<T>): Promise<readonly T[]> {
  const found: T[] = [];
  for await (const item of source) found.push(item);
  return found;
}

const stream =
  'retry: 1000\n\nid: 1\nevent: phase\ndata: {"a":"漢"}\n\nid: 9\nevent: pruned\ndata: {}\n\n: keep-alive\n\nid: 10\nevent: cut off\ndata: {"never';

test.for([1, 2, 3, 7, 1_000])("frames are whole in pieces of %i bytes", async (size, { expect }) => {
  const frames = await collect(readFrames(cut(stream, size)));
  expect(frames).toEqual([
    { id: "", event: "message", data: "", retryMs: 1_000 },
    { id: "1", event: "phase", data: '{"a":"漢"}', retryMs: 1_000 },
    { id: "9", event: "pruned", data: "{}", retryMs: 1_000 },
    { id: "9", event: "message", data: "", retryMs: 1_000 },
  ]);
});

test.for([1, 2, 5, 1_000])("lines are whole in pieces of %i bytes", async (size, { expect }) => {
  expect(await collect(linesOf(cut("one\n\n漢字\nlast", size)))).toEqual(["one", "", "漢字", "last"]);
  expect(await collect(linesOf(cut("one\n", size)))).toEqual(["one"]);
});

test("a line of 20 MB in small pieces takes linear time", { timeout: 10_000 }, async ({ expect }) => {
  const [line = ""] = await collect(linesOf(cut("x".repeat(20_000_000), 4_096)));
  expect(line.length).toBe(20_000_000);
});
