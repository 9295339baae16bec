/** The API's description, for tools and for people. Both are open: they hold no data. */

import { type Handler, unchanged } from "./call.ts";
import { etagOf, tagOf } from "./query.ts";

export const openapi: Handler = async ({ request }, { reference }) => {
  const tag = await reference.jsonTag();
  const headers = keptUntilDeploy(tag);
  if (tagOf(request.headers) === tag) return unchanged(headers);
  return new Response(reference.json, { headers: { ...headers, "content-type": "application/json" } });
};

export const docs: Handler = async ({ request }, { reference }) => {
  const { html, tag, styleHash } = await reference.page();
  const headers = keptUntilDeploy(tag);
  if (tagOf(request.headers) === tag) return unchanged(headers);
  return new Response(html, {
    headers: {
      ...headers,
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": `default-src 'none'; style-src '${styleHash}'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    },
  });
};

/** Kept by whoever asked, and asked for again: a deploy changes it. */
function keptUntilDeploy(tag: string) {
  return { etag: etagOf(tag), "cache-control": "no-cache" } as const;
}
