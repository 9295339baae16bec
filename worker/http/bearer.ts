/** The credential of `Authorization: Bearer …`; null where there is none. */
export function bearerOf(headers: Headers): string | null {
  const match = /^bearer +(\S+) *$/i.exec(headers.get("authorization") ?? "");
  return match?.[1] ?? null;
}
