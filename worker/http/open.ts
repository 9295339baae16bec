/** What is answered to anybody: a sign of life, the API's description, and a page without data. */

import { openapiDocument } from "../../shared/openapi.ts";
import { VERSION } from "../version.ts";
import { type Handler, json } from "./call.ts";

export const health: Handler = () => Promise.resolve(json({ status: "ok", version: VERSION }));

export const root: Handler = () => Promise.resolve(json({ status: "ok" }));

export const openapi: Handler = () => Promise.resolve(json(openapiDocument(VERSION)));

/** Whether a request for `/` comes from a browser's address bar, as opposed to a client's check of its base URL. */
export function wantsPage(request: Request): boolean {
  return (request.headers.get("accept") ?? "").includes("text/html");
}

export function shell(): Response {
  return new Response(page, {
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy":
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    },
  });
}

const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Holt</title>
<h1>Holt</h1>
<p>This deployment answers. It has no board yet: executions are read over HTTP.</p>
<p><a href="/openapi.json">The API's description</a></p>
</html>
`;
