import { sensitivityOf } from "./names.ts";
import { opensPem } from "./pem.ts";
import { createRunEnd } from "./text-runs.ts";

/** Whether what a line begins goes on in the next: a private key, or a name whose value is awaited. */
export type Continues = (start: number, end: number) => "no" | "key" | "value";

/** What stands in every line that continues; of most texts the search for it is all there is to do. */
const hints = [/PRIVATE KEY/g, /[>|][+-]?[ \t]{0,16}\r?\n/g, /name\\{0,7}["']?[ \t]{0,4}[:=]/gi];

export function createContinues(text: string): Continues {
  const nextHints = hints.map((hint) => createRunEnd(text, hint));
  return (start, end) => {
    if (nextHints.every((nextHint) => nextHint(start) >= end)) return "no";
    const line = text.slice(start, end);
    if (opensPem(line) !== null) return "key";
    return awaitsValue(line) ? "value" : "no";
  };
}

/** Of a line its end is looked at. */
const maxTailChars = 400;
const openTag = /<([A-Za-z0-9_:.-]{1,100})>[ \t]{0,16}\r?\n$/;
const plistKey = /<key>([\w.-]{1,100})<\/key>[ \t]{0,16}\r?\n$/;
const yamlBlock = /(?<![\w.-])([\w.-]{2,100})["']?:[ \t]{1,4}[|>][+-]?[ \t]{0,16}\r?\n$/;
const phpKey = /\["([\w.-]{2,100})"\]=>\r?\n$/;
const nameLine =
  /name\\{0,7}["']?[ \t]{0,4}[:=][ \t]{0,4}\\{0,7}["']?([\w.-]{2,100})\\{0,7}["']?,?[ \t]{0,16}\r?\n$/i;

const marked = [plistKey, openTag, yamlBlock, phpKey];

/**
 * `<password>`, `<key>password</key>`, `name: DB_PASSWORD` and `password: |` at the end of a line, whose value stands on
 * the next.
 */
export function awaitsValue(line: string): boolean {
  const tail = line.slice(-maxTailChars);
  const forms = /[>|][+-]?[ \t]{0,16}\r?\n$/.test(tail) ? marked : [nameLine];
  for (const form of forms) {
    const name = form.exec(tail)?.[1];
    if (name !== undefined) return sensitivityOf(name) !== "none";
  }
  return false;
}
