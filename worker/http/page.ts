/** The page as files: a shell without data, and the script, style sheet and icon it names. Nobody has to say who they are. */

/** A file of the page's bundle by its path. */
export type Assets = (path: string) => Promise<Response>;

/** As hono reads it; what else lies below the folder is nothing of ours. */
export const assetRoute = "/assets/:name{[a-z]+-[A-Z0-9]+\\.(?:js|css|svg)}";

export async function shell(assets: Assets): Promise<Response> {
  const file = await assets("/index.html");
  if (!file.ok) throw new Error(`the page is not there: its bundle answers ${file.status}`);
  return new Response(file.body, {
    headers: { "content-type": "text/html; charset=utf-8", ...pageHeaders },
  });
}

/** Null where there is none of that name, as after a deployment that brought others. */
export async function readAsset(assets: Assets, pathname: string): Promise<Response | null> {
  const file = await assets(pathname);
  if (!file.ok) return null;
  return new Response(file.body, {
    headers: {
      "content-type": file.headers.get("content-type") ?? "application/octet-stream",
      // Its name holds a hash of what it contains.
      "cache-control": "public, max-age=31536000, immutable",
      "cross-origin-resource-policy": "same-origin",
    },
  });
}

/** Only our own files, no frame round it, no form that leaves, and no text that becomes markup or script. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
];

const pageHeaders = {
  "content-security-policy": policy.join("; "),
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
  "x-frame-options": "DENY",
} as const;
