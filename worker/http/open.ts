/** What is answered to anybody: a sign of life and the API's description. */

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
