/** Only this much of a text is looked at. */
const maxChars = 20_000;
/** A shorter text repeats by chance. */
const minChars = 40;
/** Of a run that repeats: shorter ones are ordinary spelling, longer ones ordinary repetition. */
const run = { minChars: 2, maxChars: 24 } as const;

/**
 * Whether a text looks as if a broken stream had said each token twice (`{"{"sumsum`): at least half of it are runs that
 * stand twice in a row. Advice for people; nothing is decided by it.
 */
export function looksTokenDoubled(text: string): { readonly doubled: boolean; readonly ratio: number } {
  const head = text.slice(0, maxChars);
  if (head.length < minChars) return { doubled: false, ratio: 0 };
  let covered = 0;
  for (let at = 0; at < head.length;) {
    const chars = doubledRunAt(head, at);
    covered += 2 * chars;
    at += chars === 0 ? 1 : 2 * chars;
  }
  const ratio = covered / head.length;
  return { doubled: ratio >= 0.5, ratio };
}

/** The length of the longest run that is followed by itself; 0 where there is none. */
function doubledRunAt(text: string, at: number): number {
  for (let chars = run.maxChars; chars >= run.minChars; chars -= 1) {
    const second = at + chars;
    if (second + chars <= text.length && text.startsWith(text.slice(at, second), second)) return chars;
  }
  return 0;
}
