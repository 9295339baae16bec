/** What the page takes from its browser. Only this file reads clock, randomness, storage, address and network. */

import type { Sent } from "../../shared/client/calls.ts";
import { kept } from "./kept.ts";
import { unlessItStalls } from "./live/stalling.ts";

export const now = (): number => Date.now();
export const random = (): number => Math.random();

/** Nothing that the page asks for is waited for by the server; what it changes there may take longer. */
const READ_WITHIN_MS = 10_000;
const CHANGED_WITHIN_MS = 40_000;

/** `fetch` for the typed client: to our own origin alone, nothing cached, no cookie but those of Access. */
export async function send(url: string, sent: Sent, signal?: AbortSignal): Promise<Response> {
  const request: RequestInit = {
    ...sent,
    credentials: "same-origin",
    cache: "no-store",
    redirect: "manual",
  };
  const fetched = (own: AbortSignal): Promise<Response> => fetch(url, { ...request, signal: own });
  const withinMs = sent.method === "GET" ? READ_WITHIN_MS : CHANGED_WITHIN_MS;
  const response = await unlessItStalls({ after, request: fetched }, withinMs, signal);
  // The Worker redirects nothing: this is Cloudflare Access, whose session is over.
  if (response.type === "opaqueredirect") throw new Error("load the page again to sign in");
  return response;
}

const TOKEN_KEY = "holt.token";
const ofTab = kept(() => sessionStorage);

/** The token of this tab; another tab has its own, and none outlives its tab. */
export const tokens = {
  load: (): string | null => ofTab.get(TOKEN_KEY),
  keep: (token: string): void => ofTab.set(TOKEN_KEY, token),
  forget: (): void => ofTab.set(TOKEN_KEY, null),
} as const;

const KEYS_SETTING = "holt.keys";
const ofBrowser = kept(() => localStorage);

/** What a reader chose for every tab; holds nothing of what is shown. */
export const settings = {
  areKeysOn: (): boolean => ofBrowser.get(KEYS_SETTING) !== "off",
  switchKeys: (areOn: boolean): void => ofBrowser.set(KEYS_SETTING, areOn ? "on" : "off"),
} as const;

export const origin = (): string => location.origin;

export const reload = (): void => location.reload();

export const address = {
  search: (): string => location.search,
  fragment: (): string => location.hash,
  push: (search: string): void => history.pushState(null, "", `/${search}`),
  replace: (search: string): void => history.replaceState(null, "", `/${search}`),
  onBack: (listener: () => void): (() => void) => listen(window, "popstate", listener),
  onFragment: (listener: () => void): (() => void) => listen(window, "hashchange", listener),
} as const;

export const visibility = {
  isVisible: (): boolean => document.visibilityState === "visible",
  onChange: (listener: () => void): (() => void) => listen(document, "visibilitychange", listener),
} as const;

/** Whether the browser itself knows that there is no network. */
export const onOnline = (listener: () => void): (() => void) => listen(window, "online", listener);

export function onKey(listener: (event: KeyboardEvent) => void): () => void {
  document.addEventListener("keydown", listener);
  return () => document.removeEventListener("keydown", listener);
}

/** Calls back once after so long, unless it is cancelled first. */
export function after(ms: number, callback: () => void): () => void {
  const timer = setTimeout(callback, ms);
  return () => clearTimeout(timer);
}

function listen(target: EventTarget, name: string, listener: () => void): () => void {
  target.addEventListener(name, listener);
  return () => target.removeEventListener(name, listener);
}
