import type { Matcher } from "./automaton.ts";
import type { Span } from "./spans.ts";

/** Characters that are not seen, and colours: they may stand inside a value that is shown. */
// oxlint-disable-next-line no-control-regex -- colours begin with this character
const unseen = /[\u00ad\u200b-\u200d\u2060\ufeff]|\u001b\[[0-9;]{0,20}[A-Za-z]/g;
/** A colour of which the end is yet to come. */
// oxlint-disable-next-line no-control-regex -- as above
const unfinished = /\u001b(?:\[[0-9;]{0,20})?$/;

/** From a position of the seen text on, so many more characters of the text were not seen. */
type Shift = { readonly seen: number; readonly by: number };

/** A matcher that looks at what is seen of a text; its positions are those of the text. */
export function onlySeen(matcher: Matcher): Matcher {
  let shifts: Shift[] = [{ seen: 0, by: 0 }];
  let [pending, fed, seen] = ["", 0, 0];

  const skip = (length: number): void => {
    shifts.push({ seen, by: (shifts.at(-1)?.by ?? 0) + length });
  };
  const feedSeen = (text: string): readonly Span[] => {
    seen += text.length;
    return text === "" ? [] : matcher.feed(text);
  };
  /** Where the character at a position of the seen text stands in the text. */
  const toText = (at: number): number => at + (shifts.findLast((shift) => shift.seen <= at)?.by ?? 0);

  const feed = (chunk: string): readonly Span[] => {
    const text = pending + chunk;
    pending = unfinished.exec(text)?.[0] ?? "";
    const complete = text.slice(0, text.length - pending.length);
    fed += complete.length;
    const found: Array<readonly Span[]> = [];
    let done = 0;
    for (const { 0: gap, index } of complete.matchAll(unseen)) {
      found.push(feedSeen(complete.slice(done, index)));
      skip(gap.length);
      done = index + gap.length;
    }
    found.push(feedSeen(complete.slice(done)));
    const inText = found.flat().map(({ start, end }) => ({ start: toText(start), end: toText(end - 1) + 1 }));
    forget();
    return inText;
  };

  /** What lies before anything that may still be found needs no shift of its own. */
  const forget = (): void => {
    const first = shifts.findLastIndex((shift) => shift.seen <= matcher.settled());
    if (first > 0) shifts = shifts.slice(first);
  };

  return {
    feed,
    settled: () => {
      const settled = matcher.settled();
      return settled === seen ? fed : toText(settled);
    },
  };
}
