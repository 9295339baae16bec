/** What the page takes from its browser. Only this file reads clock, randomness, storage, address and network. */

export const now = (): number => Date.now();
export const random = (): number => Math.random();

/** Answers within this, long polls included, or the connection is taken for lost. */
const ANSWER_WITHIN_MS = 40_000;

/** `fetch` for the typed client: to our own origin alone, nothing cached, no cookie but those of Access. */
export async function send(
  url: string,
  request: {
    readonly method: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: string;
  },
  signal?: AbortSignal,
): Promise<Response> {
  const limit = AbortSignal.timeout(ANSWER_WITHIN_MS);
  const response = await fetch(url, {
    method: request.method,
    headers: { ...request.headers },
    ...(request.body !== undefined && { body: request.body }),
    credentials: "same-origin",
    cache: "no-store",
    redirect: "manual",
    signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
  });
  // The Worker redirects nothing: this is Cloudflare Access, whose session is over.
  if (response.type === "opaqueredirect") throw new Error("load the page again to sign in");
  return response;
}

const TOKEN_KEY = "holt.token";

/** The token of this tab; another tab has its own, and none outlives its tab. */
export const tokens = {
  load: (): string | null => sessionStorage.getItem(TOKEN_KEY),
  keep: (token: string): void => sessionStorage.setItem(TOKEN_KEY, token),
  forget: (): void => sessionStorage.removeItem(TOKEN_KEY),
} as const;

const KEYS_SETTING = "holt.keys";

/** What a reader chose for every tab; holds nothing of what is shown. */
export const settings = {
  areKeysOn: (): boolean => localStorage.getItem(KEYS_SETTING) !== "off",
  switchKeys: (areOn: boolean): void => localStorage.setItem(KEYS_SETTING, areOn ? "on" : "off"),
} as const;

export const origin = (): string => location.origin;

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
