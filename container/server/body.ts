import type { IncomingMessage } from "node:http";

export type ReadBody =
  | { readonly ok: true; readonly bytes: Uint8Array }
  | { readonly ok: false; readonly code: "body-too-large" | "unsupported-encoding"; readonly error: string };

/**
 * Reads a body up to its bound and no further; the server drains what is left of a refused one. A compressed body is
 * refused unread: 100 KB can hold 100 MB.
 */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<ReadBody> {
  const encoding = request.headers["content-encoding"];
  if (encoding !== undefined && encoding.trim().toLowerCase() !== "identity") {
    return {
      ok: false,
      code: "unsupported-encoding",
      error: "compressed bodies are not accepted; send the JSON as it is",
    };
  }
  const declared = Number(request.headers["content-length"] ?? 0);
  if (declared > maxBytes) return tooLarge(maxBytes);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    if (!(chunk instanceof Uint8Array)) continue;
    bytes += chunk.byteLength;
    if (bytes > maxBytes) return tooLarge(maxBytes);
    chunks.push(chunk);
  }
  return { ok: true, bytes: Buffer.concat(chunks) };
}

function tooLarge(maxBytes: number): ReadBody {
  return {
    ok: false,
    code: "body-too-large",
    error: `the body is too large; at most ${maxBytes} bytes are read`,
  };
}
