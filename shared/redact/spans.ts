/** What stands where a secret stood. */
export const mask = "***";

/** A half-open range of UTF-16 positions. */
export type Span = { readonly start: number; readonly end: number };

/** Finds secrets in a stretch of complete lines. A finder must take time linear in the text, whatever it holds. */
export type Finder = (text: string) => readonly Span[];

/** Runs finders over the same text; none sees what another would mask. */
export function combine(finders: readonly Finder[]): Finder {
  return (text) => finders.flatMap((find) => find(text));
}

/** The text with each run of overlapping or touching spans replaced by one mask. */
export function replaceSpans(text: string, spans: readonly Span[]): string {
  if (spans.length === 0) return text;
  let out = "";
  let cursor = 0;
  let maskEnd = -1;
  for (const span of spans.toSorted((a, b) => a.start - b.start)) {
    if (span.start > maskEnd) out += text.slice(cursor, span.start) + mask;
    maskEnd = Math.max(maskEnd, span.end);
    cursor = maskEnd;
  }
  return out + text.slice(cursor);
}
