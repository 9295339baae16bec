/** What is answered to anybody without data: a sign of life. */

import { VERSION } from "../version.ts";
import { type Handler, json } from "./call.ts";

export const health: Handler = () => Promise.resolve(json({ status: "ok", version: VERSION }));

export const root: Handler = () => Promise.resolve(json({ status: "ok" }));

/** Whether a request for `/` comes from a browser's address bar, as opposed to a client's check of its base URL. */
export function wantsPage(request: Request): boolean {
  return (request.headers.get("accept") ?? "").includes("text/html");
}
