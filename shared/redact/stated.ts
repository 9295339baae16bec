import { isSpelled, looksRandom } from "./randomness.ts";
import type { Rule } from "./rules.ts";

/** `VALUE is the password`: the name stands behind the value. */
export const stated: Rule = {
  marks: ["the", "my", "our", "your", "a"].map((word) => ` is ${word} `),
  open: (text) => (start, end) => {
    secretWord.lastIndex = end;
    if (!secretWord.test(text)) return null;
    const before = text.slice(Math.max(0, start - maxChars), start).replace(/[`"'*]{1,4}$/, "");
    const value = /(?<![A-Za-z0-9_+/=.~-])[A-Za-z0-9_+/=.~-]{12,}$/.exec(before)?.[0] ?? "";
    const from = Math.max(0, start - maxChars) + before.length - value.length;
    return looksRandom(value) && !isSpelled(value) ? { start: from, end: from + value.length } : null;
  },
};

const maxChars = 400;
/** At the end of what is said: `the key change` is about something else. */
const secretWord =
  /(?:[a-z0-9]{1,20} ){0,2}(?:password|passphrase|token|secret|key|credential)(?![\w-]| \w)/iy;
