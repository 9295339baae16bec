export type ServerSentEvent = { readonly id: string; readonly event: string; readonly data: unknown };

/** What a client makes of the text that has arrived: whole events only, and the rest of the fields it heeds. */
export function readServerSentEvents(text: string) {
  const events: ServerSentEvent[] = [];
  const comments: string[] = [];
  let [id, event, data, retryMs] = ["", "message", "", 0];
  for (const line of text.split("\n").slice(0, -1)) {
    const colon = line.indexOf(":");
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (line.startsWith(":")) comments.push(line);
    else if (field === "id") id = value;
    else if (field === "event") event = value;
    else if (field === "data") data = value;
    else if (field === "retry") retryMs = Number(value);
    else if (line === "" && data !== "") {
      events.push({ id, event, data: JSON.parse(data) });
      [event, data] = ["message", ""];
    }
  }
  return { events, comments, retryMs, lastId: events.at(-1)?.id ?? null };
}

/** Reads a body up to the first moment at which it is so, and leaves the rest unread. */
export async function readUntil(
  response: Response,
  isSo: (text: string) => boolean,
): Promise<{ readonly text: string; readonly ended: boolean; readonly leave: () => Promise<void> }> {
  if (response.body === null) throw new Error("no body");
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  for (let text = ""; ;) {
    if (isSo(text)) return { text, ended: false, leave: () => reader.cancel() };
    const { done, value } = await reader.read();
    if (done) return { text, ended: true, leave: () => Promise.resolve() };
    text += decoder.decode(value, { stream: true });
  }
}
