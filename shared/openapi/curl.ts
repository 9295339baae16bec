/** A request as the `curl` command that sends it, for `sh` with `HOLT_URL` and, where it is needed, `HOLT_TOKEN` set. */

export type ShellRequest = {
  readonly method: "GET" | "POST" | "DELETE";
  /** Ids filled in, the query behind it. */
  readonly path: string;
  readonly isOpen: boolean;
  readonly headers?: Readonly<Record<string, string>>;
  readonly flags?: readonly string[];
  /** Names with a dollar in it are the shell's to fill in. */
  readonly body?: unknown;
  /** The body as the shell is to make it, where that is not `body` as it stands. */
  readonly shellBody?: string;
};

export function toCurl(request: ShellRequest): string {
  const { method, path, isOpen, headers = {}, flags = [], body } = request;
  const text = request.shellBody ?? (body === undefined ? undefined : JSON.stringify(body, null, 2));
  const isPlainGet = method === "GET" || (method === "POST" && text !== undefined);
  const parts = [
    ["curl -sS", ...flags, ...(isPlainGet ? [] : [`-X ${method}`]), `"$HOLT_URL${path}"`].join(" "),
    ...(isOpen ? [] : ['-H "authorization: Bearer $HOLT_TOKEN"']),
    ...(text === undefined ? [] : ["-H 'content-type: application/json'"]),
    ...Object.entries(headers).map(([name, value]) => `-H '${name}: ${value}'`),
    ...(text === undefined ? [] : ["-d @- <<JSON"]),
  ];
  const command = parts.join(" \\\n  ");
  return text === undefined ? command : `${command}\n${text}\nJSON`;
}
