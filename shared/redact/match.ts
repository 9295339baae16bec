/** What a sticky pattern found. */
export type Match = {
  readonly groups: Readonly<Record<string, string | undefined>>;
  readonly text: string;
  readonly end: number;
};

export function matchAt(pattern: RegExp, text: string, at: number): Match | null {
  pattern.lastIndex = at;
  const match = pattern.exec(text);
  return match === null ? null : { groups: match.groups ?? {}, text: match[0], end: at + match[0].length };
}
