/** The end of what a command printed, in memory that does not grow with the output. */

export type Capture = {
  readonly write: (chunk: Uint8Array) => void;
  readonly writeLine: (line: string) => void;
  readonly read: () => Captured;
};

export type Captured = {
  readonly text: string;
  /** How much went before `text`. */
  readonly droppedChars: number;
};

/** Of a record's logs. */
const maxChars = 16_000;
/** Room in which a secret that the cut goes through ends: the longest in its longest spelling. */
const edgeChars = 16 * 1024;
const windowChars = maxChars + edgeChars;

export function createCapture(): Capture {
  const decoder = new TextDecoder();
  let text = "";
  let droppedChars = 0;
  const add = (more: string): void => {
    text += more;
    // seldom, since each cut copies a window
    if (text.length < 4 * windowChars) return;
    droppedChars += text.length - windowChars;
    text = text.slice(-windowChars);
  };
  return {
    write: (chunk) => add(decoder.decode(chunk, { stream: true })),
    writeLine: (line) => add(`${line}\n`),
    read: () => ({ text: text + decoder.decode(), droppedChars }),
  };
}

/** All that was captured, in order, redacted before it is cut to its last 16,000 characters. */
export function toLogs(captured: readonly Captured[], redact: (text: string) => string): string {
  const parts = captured.map((part) => redactPart(part, redact));
  const text = parts.map(({ text: shown }) => shown.trim()).filter((shown) => shown !== "");
  const whole = text.join("\n").toWellFormed();
  const earlier = parts.reduce((sum, { droppedChars }) => sum + droppedChars, 0);
  const cut = Math.max(0, whole.length - maxChars);
  if (cut + earlier === 0) return whole;
  return `…(${cut + earlier} earlier chars trimmed)\n${whole.slice(cut).toWellFormed()}`;
}

function redactPart({ text, droppedChars }: Captured, redact: (text: string) => string): Captured {
  const redacted = redact(text);
  if (droppedChars === 0) return { text: redacted, droppedChars };
  // what stands at the edge may be half a secret, which has no shape
  const edge = Math.min(redacted.length, edgeChars);
  return { text: redacted.slice(edge), droppedChars: droppedChars + edge };
}
