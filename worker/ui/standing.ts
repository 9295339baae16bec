/** Whether calls are let in. Pure. */

import type { CallFailure } from "../../shared/client/call-failure.ts";

/** `let-in` until something is refused: where Cloudflare Access stands in front no token is needed. */
export type Standing =
  | { readonly kind: "let-in" }
  | { readonly kind: "signed-out"; readonly wasRefused: boolean }
  | { readonly kind: "not-configured"; readonly why: string };

/**
 * What an answer to a call by `token` changes of it; null for nothing. A slow call by a token of before says nothing of the
 * `current` one.
 */
export function standingAfter(
  failure: Pick<CallFailure, "code" | "error"> | undefined,
  token: string | null,
  current: string | null,
): Standing | null {
  if (token !== current) return null;
  if (failure?.code === "unauthorized") return { kind: "signed-out", wasRefused: token !== null };
  if (failure?.code === "auth-not-configured") return { kind: "not-configured", why: failure.error };
  return null;
}
