/** Bodies from outside, bounded while they arrive: nothing is buffered, inflated or walked before it is measured. */

import { type BoundedJson, parseBoundedJson } from "../../shared/bounded-json.ts";
import { type Refusal, refuse } from "../../shared/errors.ts";
import { Limits } from "../../shared/limits.ts";

export type BodyBytes = { readonly ok: true; readonly bytes: Uint8Array } | Refusal;
export type BodyJson = { readonly ok: true; readonly value: unknown } | Refusal;

/** Reads at most `maxBytes` of an uncompressed body. A compressed one could grow a thousandfold behind any bound. */
export async function readBounded(
  request: { readonly headers: Headers; readonly body: ReadableStream<Uint8Array> | null },
  maxBytes: number,
): Promise<BodyBytes> {
  const encoding = request.headers.get("content-encoding")?.trim().toLowerCase() ?? "";
  if (encoding !== "" && encoding !== "identity") {
    return refuse(
      "unsupported-encoding",
      `a body is sent as it is; content-encoding '${encoding}' is not read`,
    );
  }
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of request.body ?? []) {
    length += chunk.byteLength;
    if (length <= maxBytes) chunks.push(chunk);
    else chunks.length = 0;
    if (length > maxBytes + DISCARDED_BYTES) break;
  }
  if (length > maxBytes) return refuse("body-too-large", `the body is larger than ${maxBytes} bytes`);
  return { ok: true, bytes: concat(chunks, length) };
}

/** Reads and parses a JSON body. An empty one is what the parser says it is, unless `emptyValue` stands for it. */
export async function readJson(
  request: Request,
  { maxBytes, emptyValue }: { readonly maxBytes: number; readonly emptyValue?: unknown },
): Promise<BodyJson> {
  const body = await readBounded(request, maxBytes);
  if (!body.ok) return body;
  if (body.bytes.byteLength === 0 && emptyValue !== undefined) return { ok: true, value: emptyValue };
  const parsed: BoundedJson = parseBoundedJson(body.bytes, { maxBytes, maxDepth: Limits.nestingDepth });
  return parsed.ok ? parsed : refuse(parsed.code, parsed.error);
}

/** Reads the text of a JSON body that another parses; it has been measured and holds no key that is refused. */
export async function readJsonText(
  request: Request,
  maxBytes: number,
): Promise<{ readonly ok: true; readonly text: string } | Refusal> {
  const body = await readBounded(request, maxBytes);
  if (!body.ok) return body;
  const parsed = parseBoundedJson(body.bytes, { maxBytes, maxDepth: Limits.nestingDepth });
  return parsed.ok
    ? { ok: true, text: new TextDecoder().decode(body.bytes) }
    : refuse(parsed.code, parsed.error);
}

/**
 * What is read beyond the bound and thrown away: a client that is still sending when the answer comes sees a broken
 * connection and tries again. The platform itself ends bodies at 100 MB.
 */
const DISCARDED_BYTES = 96 * 1024 * 1024;

function concat(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return bytes;
}
