/** Which Worker is spoken to and as whom: flags go before the environment, that before the stored configuration. */
import { type Client, createClient, type Sent } from "../shared/client.ts";
import { configPath, readConfig } from "./config.ts";
import { CommandEnd, ExitCode, misuse } from "./exit-code.ts";
import type { Io } from "./system.ts";

export type Api = Client<Response>;
export type Server = { readonly url: string; readonly token: string };
type Asked = { readonly url?: string | undefined; readonly token?: string | undefined };

/** Longer than any wait of the API: what has not answered by then is not going to. */
const ANSWER_WITHIN_MS = 60_000;

export async function findServer(asked: Asked, io: Pick<Io, "env" | "home" | "complain">): Promise<Server> {
  const path = configPath(io);
  const given = {
    url: asked.url ?? nonEmpty(io.env["HOLT_URL"]),
    token: asked.token ?? nonEmpty(io.env["HOLT_TOKEN"]),
  };
  const isComplete = given.url !== undefined && given.token !== undefined;
  const stored = isComplete ? null : await readConfig(path);
  if (stored?.isExposed === true) io.complain(`holt: others can read ${path}: chmod 600 it`);
  const url = given.url ?? stored?.config.url;
  if (url === undefined) throw misuse("no address: use --url, HOLT_URL or `holt login`");
  checkUrl(url);
  if (isOpenOnTheWay(url)) io.complain(`holt: the token goes to ${url} unencrypted`);
  // A stored token goes to the address it was stored with, and nowhere else.
  const isSame = stored !== null && new URL(stored.config.url).origin === new URL(url).origin;
  const token = given.token ?? (isSame ? stored.config.token : undefined);
  if (token === undefined) {
    throw new CommandEnd(
      ExitCode.unauthorized,
      `no token for ${url}: use HOLT_TOKEN, --token or \`holt login\``,
    );
  }
  if (!/^[\u0021-\u007E]+$/.test(token))
    throw misuse("the token has characters that no token has: it is printable ASCII without spaces");
  return { url, token };
}

export function checkUrl(url: string): void {
  const protocol = URL.canParse(url) ? new URL(url).protocol : "";
  if (protocol !== "http:" && protocol !== "https:") throw misuse(`'${url}' is no http address`);
}

/** Plain HTTP to another machine. */
function isOpenOnTheWay(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === "http:" && !/^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname);
}

export function connect({ url, token }: Server, signal: AbortSignal): Api {
  return createClient({
    url,
    token,
    send: (to, sent) => fetch(to, { ...sent, redirect: "manual", signal: limitOf(sent, signal) }),
  });
}

/** A stream is open as long as it brings something; everything else has an end. */
function limitOf({ headers }: Sent, signal: AbortSignal): AbortSignal {
  const isStream = headers["accept"] !== "application/json";
  return isStream ? signal : AbortSignal.any([signal, AbortSignal.timeout(ANSWER_WITHIN_MS)]);
}

export async function openApi(asked: Asked, io: Io): Promise<Api> {
  return connect(await findServer(asked, io), io.signal);
}

/** An empty variable says nothing. */
export function nonEmpty(text: string | undefined): string | undefined {
  return text === undefined || text === "" ? undefined : text;
}
