/** Which repository and which of git's two services a request is about. */
export interface GitRoute {
  readonly owner: string;
  readonly name: string;
  readonly service: GitService;
  /** `/OWNER/NAME.git/…`, as `git http-backend` wants it. */
  readonly pathInfo: string;
  readonly query: string;
  /** The request that carries the objects, not the advertisement before it. */
  readonly isTransfer: boolean;
}

/** What the client wants: to read, or to write. */
export type GitService = "fetch" | "push";

const path =
  /^\/([A-Za-z0-9._-]+)\/([A-Za-z0-9._-]+?)(?:\.git)?\/(info\/refs|git-upload-pack|git-receive-pack)$/;

/** Undefined for everything outside of git's smart HTTP protocol: the dumb one is not served. */
export function parseRoute(url: string): GitRoute | undefined {
  const { pathname, search } = new URL(url, "http://127.0.0.1");
  const [, owner, name, rest] = path.exec(pathname) ?? [];
  if (owner === undefined || name === undefined || rest === undefined) return undefined;
  if (/^\.+$/.test(owner) || /^\.+$/.test(name)) return undefined;
  const service = serviceOf(rest, new URLSearchParams(search).get("service"));
  if (service === undefined) return undefined;
  const pathInfo = `/${owner}/${name}.git/${rest}`;
  return { owner, name, service, pathInfo, query: search.slice(1), isTransfer: rest !== "info/refs" };
}

function serviceOf(rest: string, asked: string | null): GitService | undefined {
  const service = rest === "info/refs" ? asked : rest;
  if (service === "git-upload-pack") return "fetch";
  return service === "git-receive-pack" ? "push" : undefined;
}
