/** Where the run of a text that begins at a position ends. */
export type RunEnd = (start: number) => number;

/**
 * Runs up to what a global pattern finds next, or to the end of the text. The last answer is remembered, because many
 * positions in one run end at the same place: asking at each of them stays linear.
 */
export function createRunEnd(text: string, stop: RegExp): RunEnd {
  let [from, to] = [0, -1];
  return (start) => {
    if (start < from || start > to) {
      stop.lastIndex = start;
      [from, to] = [start, stop.exec(text)?.index ?? text.length];
    }
    return to;
  };
}
