import type { Span } from "../spans.ts";

/** Letters, digits, `_`, `-`. */
function isWordUnit(unit: number): boolean {
  return (
    (unit >= 97 && unit <= 122) ||
    (unit >= 65 && unit <= 90) ||
    (unit >= 48 && unit <= 57) ||
    unit === 95 ||
    unit === 45
  );
}

/** Whether a word begins here; also behind an escape (`\n`, `%3D`, a colour), whose last letter is not part of it. */
export function isWordStart(text: string, at: number): boolean {
  if (at === 0 || !isWordUnit(text.charCodeAt(at - 1))) return true;
  if (text[at - 2] === "\\") return /[nrt]/.test(text[at - 1] ?? "");
  if (text[at - 3] === "%") return /^[0-9A-Fa-f]{2}$/.test(text.slice(at - 2, at));
  // oxlint-disable-next-line no-control-regex -- colours begin with this character
  return text[at - 1] === "m" && /\u001b\[[0-9;]{0,10}m$/.test(text.slice(Math.max(0, at - 13), at));
}

/** The token without a sentence's full stop; null where it is what documentation shows: `ghp_xxxxxxxxxxxx`. */
export function tokenSpan(text: string, start: number, end: number): Span | null {
  const token = text.slice(start, end);
  if (/[xX*.]{6}|EXAMPLE$/.test(token)) return null;
  return { start, end: start + token.replace(/[.-]+$/, "").length };
}
