/** The longest answer that is read: a list of some thirty pull requests, or an error page. */
const maxBodyBytes = 2 * 1024 * 1024;
/** A renamed repository answers with its new address, and that one with no other. */
const maxRedirects = 3;

/**
 * A fetch for requests that carry a token: no more of an answer is read than any honest one has, and a redirect is
 * followed only where the origin stays the same. One that leads elsewhere is the answer.
 */
export function createCarefulFetch(fetch: typeof globalThis.fetch): typeof globalThis.fetch {
  return async (input, init = {}) => {
    let url = new URL(input instanceof Request ? input.url : input.toString());
    for (let redirects = 0; ; redirects++) {
      const response = await fetch(url, { ...init, redirect: "manual" });
      const next = redirects < maxRedirects ? nextOf(response, url, init.method ?? "GET") : null;
      if (next === null) return bounded(response);
      await response.body?.cancel();
      url = next;
    }
  };
}

/** Where a redirect asks the same request to go; null where it is no redirect that may be followed. */
function nextOf({ status, headers }: Response, from: URL, method: string): URL | null {
  const keepsMethod = status === 307 || status === 308;
  const isForReading = method === "GET" && (status === 301 || status === 302 || status === 303);
  if (!keepsMethod && !isForReading) return null;
  const to = URL.parse(headers.get("location") ?? "", from.href);
  return to?.origin === from.origin ? to : null;
}

async function bounded(response: Response): Promise<Response> {
  if (response.body === null) return response;
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body) {
    chunks.push(chunk);
    bytes += chunk.byteLength;
    if (bytes > maxBodyBytes) break;
  }
  const { status, statusText, headers } = response;
  return new Response(Buffer.concat(chunks), { status, statusText, headers });
}
