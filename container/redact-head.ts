/** What can be shown of a text, redacted: a prefix of the text's redaction. */
export type Head = {
  readonly text: string;
  /** Of the whole: how many characters there would be without a cut. */
  readonly totalChars: number;
};

/** Room in which a value that the cut goes through begins: the longest secret in its longest spelling. */
export const EDGE_CHARS = 16 * 1024;

/**
 * Redacts no more of a text than `maxChars` need. An agent decides how long its texts are, and while one is redacted no
 * probe is answered.
 */
export function redactHead(text: string, maxChars: number, redact: (text: string) => string): Head {
  if (text.length <= maxChars + EDGE_CHARS) {
    const whole = redact(text).toWellFormed();
    return { text: whole, totalChars: whole.length };
  }
  const head = redact(text.slice(0, maxChars + EDGE_CHARS)).toWellFormed();
  // what stands at the edge may be half a secret, which has no shape
  return { text: head.slice(0, Math.max(0, head.length - EDGE_CHARS)), totalChars: text.length };
}
