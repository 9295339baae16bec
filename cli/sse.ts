/** Server-sent events out of the bytes of a stream, as the HTML standard has them. */

export type Frame = {
  /** The last id told up to here; empty where there was none. */
  readonly id: string;
  readonly event: string;
  readonly data: string;
  /** The last wait told up to here, before the stream is asked for again. */
  readonly retryMs: number | null;
};

/**
 * Yields what is whole; a frame without its end is dropped, as it will come again. A frame with neither data nor a name is
 * yielded too, for its `retry`.
 */
export async function* readFrames(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Frame, void, undefined> {
  const decoder = new TextDecoder();
  let rest = "";
  let id = "";
  let retryMs: number | null = null;
  for await (const chunk of chunks) {
    rest += decoder.decode(chunk, { stream: true });
    // Frames end with an empty line; the Worker ends lines with a line feed alone.
    const blocks = rest.split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) {
      let event = "message";
      const data: string[] = [];
      for (const line of block.split("\n")) {
        const [name, value] = splitField(line);
        if (name === "id") id = value;
        if (name === "event") event = value;
        if (name === "data") data.push(value);
        if (name === "retry" && /^\d{1,9}$/.test(value)) retryMs = Number(value);
      }
      yield { id, event, data: data.join("\n"), retryMs };
    }
  }
}

function splitField(line: string): readonly [name: string, value: string] {
  const at = line.indexOf(":");
  if (at < 0) return [line, ""];
  return [line.slice(0, at), line.slice(at + 1).replace(/^ /, "")];
}
