/** One HTTP exchange that ends: in time, in bytes, and at an address of the web. Loaded by Pi, so it imports nothing. */

export type Fetched = {
  readonly url: string;
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
  /** There was more than is read. */
  readonly isCut: boolean;
};

export type FetchRequest = {
  readonly method?: "GET" | "POST";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** The caller's own wish to end. */
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number;
  readonly maxBytes?: number;
  /** A search goes to the address it was given, with its key, and to no other. */
  readonly followsRedirects: boolean;
};

const usual = { timeoutMs: 20_000, maxBytes: 2 * 1024 * 1024, maxRedirects: 5 } as const;

/** Rejects with a sentence that a model can act on. */
export async function boundedFetch(address: string, request: FetchRequest): Promise<Fetched> {
  const { timeoutMs = usual.timeoutMs, maxBytes = usual.maxBytes } = request;
  const timeout = AbortSignal.timeout(timeoutMs);
  const signal = request.signal === undefined ? timeout : AbortSignal.any([timeout, request.signal]);
  try {
    const response = await follow(toWebAddress(address), { ...request, signal });
    const { text, isCut } = await readBounded(response, maxBytes);
    const contentType = (response.headers.get("content-type") ?? "").toLowerCase();
    return { url: response.url, status: response.status, contentType, text, isCut };
  } catch (error) {
    if (timeout.aborted)
      throw new Error(`${address} did not answer within ${timeoutMs / 1_000}s`, { cause: error });
    throw error;
  }
}

async function follow(
  first: URL,
  request: FetchRequest & { readonly signal: AbortSignal },
): Promise<Response> {
  const { method = "GET", headers = {}, body, signal } = request;
  let url = first;
  for (let redirects = 0; redirects <= usual.maxRedirects; redirects += 1) {
    const response = await fetch(url, {
      method,
      headers,
      signal,
      redirect: "manual",
      ...(body !== undefined && { body }),
    });
    const location = response.headers.get("location");
    if (response.status < 300 || response.status > 399 || location === null) return response;
    await response.body?.cancel();
    if (!request.followsRedirects) throw new Error(`${url.origin} answered with a redirect`);
    url = toWebAddress(new URL(location, url).href);
  }
  throw new Error(`${first.href} redirects more than ${usual.maxRedirects} times`);
}

function toWebAddress(address: string): URL {
  if (!URL.canParse(address)) throw new Error(`'${address}' is no address`);
  const url = new URL(address);
  if (url.protocol !== "http:" && url.protocol !== "https:")
    throw new Error(`only http and https addresses can be fetched, not ${url.protocol}`);
  return url;
}

async function readBounded(
  response: Response,
  maxBytes: number,
): Promise<{ readonly text: string; readonly isCut: boolean }> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  let isCut = false;
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk.subarray(0, maxBytes - bytes));
    bytes += chunk.length;
    isCut = bytes > maxBytes;
    if (isCut) break;
  }
  const text = new TextDecoder().decode(Buffer.concat(chunks));
  return { text, isCut };
}
