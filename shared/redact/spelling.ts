/** Words of the usual length, run together with a number or two among them: `ClientHttp2Session`. */
export function isWords(part: string): boolean {
  const word = { length: 0, vowels: 0, run: 0, longestRun: 0 };
  let [words, letters, digits, numbers] = [0, 0, 0, 0];
  let [last, beforeLast] = [other, other];
  for (let at = 0; at < part.length; at += 1) {
    const unit = part.charCodeAt(at);
    const kind = kindOf(unit);
    if (kind === digit) {
      digits += 1;
      if (last !== digit) numbers += 1;
      if (digits > 5 || numbers > 2) return false;
    }
    // `HTTPServer`: the last of several capitals begins the next word.
    const isCapitalsEnd = kind === lower && last === upper && beforeLast === upper;
    if (isCapitalsEnd) words += 1;
    if (kind !== last && !(kind === lower && last === upper)) {
      if (!isPronounced(word)) return false;
      if (kind === lower || kind === upper) words += 1;
      Object.assign(word, { length: 0, vowels: 0, run: 0, longestRun: 0 });
    }
    if (kind === lower || kind === upper) {
      letters += 1;
      addLetter(word, unit);
    }
    [beforeLast, last] = [last, kind];
  }
  return letters > 0 && letters / words >= 3.5 && isPronounced(word);
}

type Word = { length: number; vowels: number; run: number; longestRun: number };

function addLetter(word: Word, unit: number): void {
  const isVowel = vowels.has(unit | 0x20);
  word.length += 1;
  word.vowels += isVowel ? 1 : 0;
  word.run = isVowel ? 0 : word.run + 1;
  word.longestRun = Math.max(word.longestRun, word.run);
}

/** Random letters have fewer vowels and longer runs without one; abbreviations are short. */
function isPronounced({ length, vowels: count, longestRun }: Word): boolean {
  if (length <= 4) return true;
  return longestRun < 6 && count / length >= (length < 9 ? 0.12 : length < 12 ? 0.2 : 0.28);
}

/** Of small letters: a, e, i, o, u, y. */
const vowels: ReadonlySet<number> = new Set([97, 101, 105, 111, 117, 121]);
const [digit, lower, upper, other] = [1, 2, 3, 4];

/** Digit, small letter, capital or anything else. */
export function kindOf(unit: number): number {
  if (unit >= 48 && unit <= 57) return digit;
  if (unit >= 97 && unit <= 122) return lower;
  return unit >= 65 && unit <= 90 ? upper : other;
}
