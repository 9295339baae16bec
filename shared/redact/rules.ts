import { createMarks } from "./marks.ts";
import type { Finder, Span } from "./spans.ts";

/** A kind of secret that is recognised by a mark: a literal at its beginning, beside it or inside it. */
export type Rule = {
  /** ASCII in lower case; they stand for any case. */
  readonly marks: readonly string[];
  /** Begins with a text, so that a rule can remember how far it has read in it. */
  readonly open: (text: string) => Look;
};

/** The secret at a mark, or several, or null. Marks come in the order of their ends. */
export type Look = (markStart: number, markEnd: number) => Span | readonly Span[] | null;

/** Looks at a text once for all rules; a rule is asked only where a mark of it stands. */
export function createFinder(rules: readonly Rule[]): Finder {
  const owners = rules.flatMap((rule, index) => rule.marks.map(() => index));
  const eachMark = createMarks(rules.flatMap(({ marks }) => marks));
  return (text) => {
    const spans: Span[] = [];
    const looks: Array<Look | undefined> = [];
    eachMark(text, (mark, start, end) => {
      const owner = owners[mark] ?? 0;
      const look = (looks[owner] ??= rules[owner]?.open(text));
      const found = look?.(start, end) ?? null;
      if (found === null) return;
      if ("start" in found) spans.push(found);
      else spans.push(...found);
    });
    return spans;
  };
}

export type Capture = {
  readonly marks: readonly string[];
  /** Sticky, matched where a mark begins. Its last group that matches is where it ends. */
  readonly pattern: RegExp;
  /** Of that group, the part at its end that is a secret; `""` where none is. */
  readonly secretIn: (value: string) => string;
};

/** A rule that is one regular expression. What has been matched is not matched again, so that runs are read once. */
export function capture({ marks, pattern, secretIn }: Capture): Rule {
  return {
    marks,
    open: (text) => {
      let done = 0;
      return (from) => {
        if (from < done) return null;
        pattern.lastIndex = from;
        const match = pattern.exec(text);
        if (match === null) return null;
        done = from + match[0].length;
        const { length } = secretIn(match.findLast((group) => group !== undefined) ?? "");
        return length === 0 ? null : { start: done - length, end: done };
      };
    },
  };
}
