/** What saving a bundle takes from the browser. */

import type { Sha256 } from "../../../../shared/bundle/chain.ts";

/** Hands a file to the reader under a name. */
export function saveFile(file: Blob, name: string): void {
  const url = URL.createObjectURL(file);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // The download has begun with the click; the address is held for browsers that ask first.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** Null where the browser has no cryptography for this page: it was not served over https, nor by this machine. */
export const sha256: Sha256 | null = globalThis.isSecureContext
  ? async (text) => {
      const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
      return [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    }
  : null;
