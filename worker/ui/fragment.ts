/** The token of `#token=…`; null where the fragment is another. A fragment never leaves the browser. */
export function tokenIn(fragment: string): string | null {
  const token = new URLSearchParams(fragment.replace(/^#/, "")).get("token")?.trim() ?? "";
  return isToken(token) ? token : null;
}

/** What a header can carry without being two. */
export function isToken(text: string): boolean {
  return /^[\x21-\x7E]{1,4096}$/.test(text);
}
