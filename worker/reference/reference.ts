import { Description } from "./description.ts";
import { renderReference } from "./page.ts";
import { style } from "./style.ts";

export type Reference = {
  /** The API's description as it is committed. */
  readonly json: string;
  /** Equal tags, equal descriptions. */
  readonly jsonTag: () => Promise<string>;
  readonly page: () => Promise<Page>;
};

export type Page = {
  readonly html: string;
  /** Equal tags, equal pages. */
  readonly tag: string;
  /** Of its style sheet, as a policy names it. */
  readonly styleHash: string;
};

/** The API's description, for tools and for people. Page and tag are made when first asked for, and kept: they cannot change. */
export function createReference(json: string): Reference {
  let kept: Page | null = null;
  let keptTag: string | null = null;
  return {
    json,
    jsonTag: async () => {
      keptTag ??= hexOf(await digest(json));
      return keptTag;
    },
    page: async () => {
      // The page is kept and not its promise: one of another request may never settle.
      kept ??= await makePage(json);
      return kept;
    },
  };
}

async function makePage(json: string): Promise<Page> {
  const html = renderReference(Description.parse(JSON.parse(json)));
  const [page, sheet] = await Promise.all([digest(html), digest(style)]);
  return { html, tag: hexOf(page), styleHash: `sha256-${btoa(String.fromCharCode(...sheet))}` };
}

async function digest(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
}

function hexOf(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
