import * as z from "zod";
import { constantTimeEqual, sha256Hex } from "../keys.ts";

/** One entry of `HOLT_TOKENS`. The token itself is known to its holder alone. */
export const TokenEntry = z.strictObject({
  name: z.string().regex(/^[A-Za-z0-9._-]{1,64}$/),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  scopes: z
    .array(z.enum(["read", "dispatch"]))
    .min(1)
    .max(2),
});
export type TokenEntry = z.infer<typeof TokenEntry>;

export type TokenList =
  | { readonly ok: true; readonly entries: readonly TokenEntry[] }
  | { readonly ok: false; readonly error: string };

/** Reads `HOLT_TOKENS`; a list with one bad entry is refused as a whole. The error names places, never values. */
export function readTokens(text: string | undefined): TokenList {
  if (text === undefined || text.trim() === "") return { ok: true, entries: [] };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: false, error: "HOLT_TOKENS is not JSON" };
  }
  const parsed = z.array(TokenEntry).max(MAX_TOKENS).safeParse(value);
  if (parsed.success) return { ok: true, entries: parsed.data };
  const places = parsed.error.issues.map(({ path }) => path.join(".") || "the list");
  return { ok: false, error: `HOLT_TOKENS is not valid at ${[...new Set(places)].join(", ")}` };
}

/** The entry of a token. Every entry is compared, so that the duration does not tell which one came close. */
export async function findToken(entries: readonly TokenEntry[], token: string): Promise<TokenEntry | null> {
  const digest = await sha256Hex(token);
  let found: TokenEntry | null = null;
  for (const entry of entries) if (constantTimeEqual(entry.sha256, digest)) found = entry;
  return found;
}

const MAX_TOKENS = 200; // each request compares all of them
