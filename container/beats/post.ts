import { type Beat, BeatReply } from "../../shared/beat.ts";
import { parseBoundedJson } from "../../shared/bounded-json.ts";
import { Limits } from "../../shared/limits.ts";

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** The object's answer to one beat. */
export type Answer =
  | { readonly kind: "stored"; readonly reply: BeatReply }
  /** Malformed or too large: sent again in smaller parts. */
  | { readonly kind: "refused"; readonly status: number; readonly why: string }
  /** Another attempt owns the job. */
  | { readonly kind: "stale" }
  | { readonly kind: "failed"; readonly why: string };

export type PostOptions = {
  readonly fetch: Fetch;
  readonly url: string;
  readonly beatKey: string;
  /** Aborted when the answer is no longer waited for. */
  readonly signal: AbortSignal;
};

/** Sends one beat. Never rejects: everything that is no clear answer is `failed`, to be tried again. */
export async function postBeat(beat: Beat, { fetch, url, beatKey, signal }: PostOptions): Promise<Answer> {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${beatKey}` },
      body: JSON.stringify(beat),
      redirect: "error",
      signal,
    });
    return toAnswer(response.status, await readBounded(response));
  } catch (error) {
    return { kind: "failed", why: reasonOf(error) };
  }
}

function toAnswer(status: number, bytes: Uint8Array): Answer {
  const parsed = parseBoundedJson(bytes, {
    maxBytes: Limits.smallBodyBytes,
    maxDepth: Limits.nestingDepth,
  });
  const body: unknown = parsed.ok ? parsed.value : null;
  if (status === 200) {
    const reply = BeatReply.safeParse(body);
    if (reply.success) return { kind: "stored", reply: reply.data };
    return { kind: "failed", why: "the answer to a beat was not one" };
  }
  if (status === 409 && codeOf(body) === "stale-attempt") return { kind: "stale" };
  const why = `HTTP ${status} ${codeOf(body) ?? ""}`.trimEnd();
  return status === 400 || status === 413 ? { kind: "refused", status, why } : { kind: "failed", why };
}

function codeOf(body: unknown): string | null {
  if (typeof body !== "object" || body === null || !("code" in body)) return null;
  return typeof body.code === "string" ? body.code.slice(0, 60) : null;
}

/** Reads at most one byte more than an answer may have; the parser then refuses it. */
async function readBounded(response: Response): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  if (response.body === null) return new Uint8Array();
  for await (const chunk of response.body) {
    chunks.push(chunk);
    bytes += chunk.byteLength;
    if (bytes > Limits.smallBodyBytes) break;
  }
  return Buffer.concat(chunks);
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error ? `${error.message}: ${cause.message}` : error.message;
}
