/** Specs carry tokens, so they are stored sealed: AES-GCM under a key of their execution, in chunks that fit a row. */

import { Limits } from "../shared/limits.ts";
import {
  type AttemptPlace,
  type SealingKey,
  beatKey,
  controlKey,
  deriveSpecKey,
  importSealingKey,
  readSealingKeys,
} from "./keys.ts";

/** Whose spec it is; sealed into every chunk, so that none opens in another place. */
export type SpecPlace = { readonly executionId: string; readonly jobId: string; readonly round: number };

export type SealedChunk = {
  /** 0 … count − 1. */
  readonly chunk: number;
  readonly keyId: string;
  readonly iv: Uint8Array<ArrayBuffer>;
  /** At most `Limits.specChunkBytes`. */
  readonly data: Uint8Array<ArrayBuffer>;
};

export type Sealer = {
  readonly seal: (place: SpecPlace, text: string) => Promise<readonly SealedChunk[]>;
  /** The sealed text, or null where no key opens it: unknown key, missing or foreign chunk, changed byte. */
  readonly open: (place: SpecPlace, chunks: readonly SealedChunk[]) => Promise<string | null>;
  /** The keys below are derived from the key of this id; null where the list no longer has it. */
  readonly beatKey: (keyId: string, place: AttemptPlace) => Promise<string | null>;
  readonly controlKey: (
    keyId: string,
    place: { readonly executionId: string; readonly instance: string },
  ) => Promise<string | null>;
};

/** The deployment's sealer, or null where its secret is missing or no list of keys: a dispatch then answers 503. */
export function sealerFrom(env: { readonly HOLT_SEALING_KEY?: string | undefined }): Sealer | null {
  const keys = env.HOLT_SEALING_KEY;
  if (keys === undefined || keys.trim() === "") return null;
  try {
    return createSealer(keys);
  } catch {
    return null; // The text of the error would only repeat what `sealing-not-configured` says.
  }
}

/** The first key of the list seals, all of them open. Throws where the list is malformed. */
export function createSealer(keys: string): Sealer {
  const bytes = readSealingKeys(keys);
  let imported: Promise<readonly SealingKey[]> | null = null;
  const ring = () => (imported ??= Promise.all(bytes.map((key) => importSealingKey(key))));
  const named = async (keyId: string) => (await ring()).find((key) => key.keyId === keyId) ?? null;
  return {
    seal: async (place, text) => {
      const [first] = await ring();
      if (first === undefined) throw new Error("the list of sealing keys is empty");
      return seal(first, place, text);
    },
    open: async (place, chunks) => {
      const keyId = chunks[0]?.keyId;
      const key = keyId === undefined ? null : await named(keyId);
      return key === null ? null : open(key, place, chunks);
    },
    beatKey: async (keyId, place) => {
      const key = await named(keyId);
      return key === null ? null : beatKey(key, place);
    },
    controlKey: async (keyId, place) => {
      const key = await named(keyId);
      return key === null ? null : controlKey(key, place);
    },
  };
}

const TAG_BYTES = 16; // AES-GCM's, at the end of each chunk
const IV_BYTES = 12;
const encoder = new TextEncoder();

async function seal(key: SealingKey, place: SpecPlace, text: string): Promise<readonly SealedChunk[]> {
  const cipher = await deriveSpecKey(key, place.executionId);
  const plain = encoder.encode(text);
  const size = Limits.specChunkBytes - TAG_BYTES;
  const count = Math.max(1, Math.ceil(plain.byteLength / size));
  return Promise.all(
    Array.from({ length: count }, async (_, chunk) => {
      const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
      const part = plain.subarray(chunk * size, (chunk + 1) * size);
      const data = await crypto.subtle.encrypt(parameters(iv, place, { chunk, count }), cipher, part);
      return { chunk, keyId: key.keyId, iv, data: new Uint8Array(data) };
    }),
  );
}

async function open(
  key: SealingKey,
  place: SpecPlace,
  chunks: readonly SealedChunk[],
): Promise<string | null> {
  const cipher = await deriveSpecKey(key, place.executionId);
  const count = chunks.length;
  const inOrder = chunks.toSorted((a, b) => a.chunk - b.chunk);
  try {
    const parts = await Promise.all(
      inOrder.map(({ iv, data }, chunk) =>
        crypto.subtle.decrypt(parameters(iv, place, { chunk, count }), cipher, data),
      ),
    );
    return await new Blob(parts).text();
  } catch {
    return null; // WebCrypto says no more than that the data is not what was sealed here.
  }
}

function parameters(
  iv: Uint8Array<ArrayBuffer>,
  { executionId, jobId, round }: SpecPlace,
  { chunk, count }: { readonly chunk: number; readonly count: number },
) {
  const additionalData = encoder.encode(JSON.stringify([executionId, jobId, round, chunk, count]));
  return { name: "AES-GCM", iv, additionalData };
}
