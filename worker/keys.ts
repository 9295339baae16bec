/**
 * Every key is derived from the Worker secret `HOLT_SEALING_KEY` and none is stored: a new incarnation of an object knows
 * them from the key id beside its sealed spec.
 */

import { base64url } from "jose";

export type SealingKey = {
  /** The first 8 hex digits of the key's SHA-256; stored with what the key sealed. */
  readonly keyId: string;
  /** Input of HKDF; not extractable. */
  readonly base: CryptoKey;
};

export type AttemptPlace = {
  readonly executionId: string;
  readonly instance: string;
  readonly jobId: string;
  readonly attempt: number;
};

/**
 * Reads a list of base64 32-byte keys, separated by commas. Throws on anything else: a typo in the secret must not seal
 * with a weaker key.
 */
export function readSealingKeys(text: string): readonly Uint8Array<ArrayBuffer>[] {
  const keys = text.split(",").map((part) => decodeBase64(part.trim()));
  if (keys.some((key) => key?.byteLength !== SEALING_KEY_BYTES)) {
    throw new Error("HOLT_SEALING_KEY must be a comma-separated list of base64 keys of 32 bytes each");
  }
  return keys.filter((key) => key !== null);
}

export async function importSealingKey(bytes: Uint8Array<ArrayBuffer>): Promise<SealingKey> {
  const [digest, base] = await Promise.all([
    crypto.subtle.digest("SHA-256", bytes),
    crypto.subtle.importKey("raw", bytes, "HKDF", false, ["deriveKey", "deriveBits"]),
  ]);
  return { keyId: toHex(digest).slice(0, 8), base };
}

/** The key that seals the specs of one execution. */
export function deriveSpecKey(key: SealingKey, executionId: string): Promise<CryptoKey> {
  return crypto.subtle.deriveKey(
    hkdf(["spec", executionId]),
    key.base,
    { name: "AES-GCM", length: 256 },
    false,
    ["encrypt", "decrypt"],
  );
}

/** Says that a beat comes from the harness and not from the agent beside it; base64url. */
export function beatKey(key: SealingKey, place: AttemptPlace): Promise<string> {
  const { executionId, instance, jobId, attempt } = place;
  return deriveText(key, ["beat", executionId, instance, jobId, String(attempt)]);
}

/** Says that a request to the harness of this instance comes from its object; base64url. */
export function controlKey(
  key: SealingKey,
  { executionId, instance }: { readonly executionId: string; readonly instance: string },
): Promise<string> {
  return deriveText(key, ["control", executionId, instance]);
}

/** Compares two secrets without telling by its duration where they differ; their lengths are no secret. */
export function constantTimeEqual(left: string, right: string): boolean {
  const [a, b] = [encoder.encode(left), encoder.encode(right)];
  // `timingSafeEqual` throws on unequal lengths; the comparison is made all the same.
  if (a.byteLength !== b.byteLength) return crypto.subtle.timingSafeEqual(a, a) && false;
  return crypto.subtle.timingSafeEqual(a, b);
}

export async function sha256Hex(text: string): Promise<string> {
  return toHex(await crypto.subtle.digest("SHA-256", encoder.encode(text)));
}

const SEALING_KEY_BYTES = 32;
const encoder = new TextEncoder();

async function deriveText(key: SealingKey, info: readonly string[]): Promise<string> {
  const bits = await crypto.subtle.deriveBits(hkdf(info), key.base, 256);
  return base64url.encode(new Uint8Array(bits));
}

/** `info` is JSON, so that no choice of ids makes two lists of parts the same text. */
function hkdf(info: readonly string[]) {
  const salt = encoder.encode("holt/v1");
  return { name: "HKDF", hash: "SHA-256", salt, info: encoder.encode(JSON.stringify(info)) };
}

function decodeBase64(text: string): Uint8Array<ArrayBuffer> | null {
  try {
    return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
  } catch {
    return null; // Not base64: the caller refuses the list as a whole.
  }
}

function toHex(bytes: ArrayBuffer): string {
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
