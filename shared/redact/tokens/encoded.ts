import type { Rule } from "../rules.ts";
import { isWordStart, tokenSpan } from "./shape.ts";

/** A JSON Web Token: objects in base64, separated by dots. `eyJ` is how `{"` begins in base64, `ZXlK` how `eyJ` does. */
export const encodedRules: readonly Rule[] = [
  {
    marks: ["eyj"],
    open: (text) => {
      /** The run of characters read last, and where it ended: many marks stand in one run. */
      let [from, to, done] = [0, -1, 0];
      return (start) => {
        if (start < done || !text.startsWith("eyJ", start) || !isWordStart(text, start)) return null;
        if (start < from || start > to) [from, to] = [start, runEnd(text, start)];
        if (to - start < 11 || text[to] !== ".") return null;
        rest.lastIndex = to;
        const match = rest.exec(text);
        if (match === null) return null;
        done = to + match[0].length;
        return tokenSpan(text, start, done);
      };
    },
  },
];

const rest = /\.[A-Za-z0-9_-]{6,}(?:\.[A-Za-z0-9_-]*)*/y;
const stop = /[^A-Za-z0-9_-]/g;

function runEnd(text: string, start: number): number {
  stop.lastIndex = start;
  return stop.exec(text)?.index ?? text.length;
}
