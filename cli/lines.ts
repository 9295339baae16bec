/** Lines of a stream of bytes, without their line feeds; what stands after the last one counts where it is not empty. */
export async function* linesOf(source: AsyncIterable<unknown>): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder();
  let parts: string[] = [];
  for await (const chunk of source) {
    const text = chunk instanceof Uint8Array ? decoder.decode(chunk, { stream: true }) : String(chunk);
    const lines = text.split("\n");
    const rest = lines.pop() ?? "";
    for (const line of lines) {
      parts.push(line);
      yield parts.join("");
      parts = [];
    }
    // Joined once: a line of many chunks would otherwise be copied with each of them.
    if (rest !== "") parts.push(rest);
  }
  const last = parts.join("") + decoder.decode();
  if (last !== "") yield last;
}
