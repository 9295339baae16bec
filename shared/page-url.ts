/**
 * The page's address with a board and a token in it; without one the page asks for it. The token stands in the fragment, which browsers send to nobody; the
 * page takes it from there once and puts the address right.
 */
export function toPageUrl(
  url: string,
  { board, token }: { readonly board: string; readonly token: string | null },
): string {
  const page = new URL(url);
  if (!page.pathname.endsWith("/")) page.pathname += "/";
  page.search = new URLSearchParams({ board }).toString();
  page.hash = token === null ? "" : `token=${encodeURIComponent(token)}`;
  return page.href;
}
