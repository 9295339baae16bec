/** What `npm run conformance` was asked for. */

import { parseArgs } from "node:util";
import { beatEnvironment, environment } from "./environment.ts";
import type { Row } from "./row.ts";

export type Options = {
  readonly url: string;
  readonly agentDir: string;
  readonly secret: string | undefined;
  readonly objectPort: number;
  readonly isJson: boolean;
  readonly rows: readonly Row[];
  /** Rows at work at one time; those that only wait come on top. */
  readonly atOnce: number;
};

export type Asked =
  | { readonly kind: "run"; readonly options: Options }
  | { readonly kind: "list" }
  | { readonly kind: "environment" }
  | { readonly kind: "help" }
  | { readonly kind: "misuse"; readonly why: string };

const defaultObjectPort = 8799;

/** A job's git and its agent keep a core busy: beside many of them limits would be reached for want of time. */
const defaultAtOnce = 3;

export const usage = `usage: npm run conformance -- --url URL --agent-dir DIR [--secret S] [--object-port N]
                               [--only NAME]... [--skip NAME]... [--at-once N] [--json] [--list] [--help]

Certifies a harness of the job protocol over HTTP.

  --url URL         the harness under test, http://HOST:PORT
  --agent-dir DIR   a folder that this harness has first on its PATH; the agents of the kit are written there
  --secret S        what the harness expects in x-harness-secret; without it the rows about secrets are skipped
  --object-port N   where the kit plays the object of an execution; default ${defaultObjectPort}
  --only NAME       a row, a group of rows, or a kind: contract, beyond; several times for several
  --skip NAME       the same, for what is left out
  --at-once N       rows at work at one time; default ${defaultAtOnce}
  --json            print one JSON object instead of the table
  --list            print the rows and run none
  --environment     print the variables below and run none, as Docker reads them from a file
  --help            print this

The harness and its agents reach the kit on 127.0.0.1. Start the harness with DIR first on its PATH and

${Object.entries(environment)
  .map(([name, value]) => `  ${name}=${value}`)
  .join("\n")}

A harness that beats is told of its execution, and reaches its object through a proxy that the kit is:

${Object.entries(beatEnvironment(defaultObjectPort))
  .map(([name, value]) => `  ${name}=${value}`)
  .join("\n")}

Exit codes: 0 every row passed or was skipped with its reason, 1 a row failed, 2 the command line is wrong,
4 nothing answers /health at URL.`;

export function readOptions(args: readonly string[], rows: readonly Row[]): Asked {
  let values: ReturnType<typeof parse>;
  try {
    values = parse(args);
  } catch (error) {
    return misuse(error instanceof Error ? error.message : String(error));
  }
  if (values.help) return { kind: "help" };
  if (values.list) return { kind: "list" };
  if (values.environment) return { kind: "environment" };
  const { url, "agent-dir": agentDir, "object-port": port, only = [], skip = [], secret } = values;
  if (url === undefined || agentDir === undefined) return misuse("--url and --agent-dir are needed");
  const parsed = URL.parse(url);
  if (parsed?.protocol !== "http:" || parsed.pathname !== "/" || parsed.search !== "")
    return misuse(`--url takes http://HOST:PORT, not '${url}'`);
  const objectPort = Number(port);
  if (!/^\d+$/.test(port) || objectPort > 65_535) return misuse(`--object-port takes a port, not '${port}'`);
  const atOnce = Number(values["at-once"]);
  if (!Number.isInteger(atOnce) || atOnce < 1) return misuse("--at-once takes a number from 1 up");
  const unknown = [...only, ...skip].find((name) => !rows.some((row) => isNamed(row, name)));
  if (unknown !== undefined) return misuse(`nothing is called '${unknown}'; --list prints the names`);
  const isAmong = (row: Row, names: readonly string[]): boolean => names.some((name) => isNamed(row, name));
  const chosen = rows.filter((row) => (only.length === 0 || isAmong(row, only)) && !isAmong(row, skip));
  const isJson = values.json;
  return { kind: "run", options: { url, agentDir, secret, objectPort, isJson, rows: chosen, atOnce } };
}

function isNamed({ id, group, kind }: Row, name: string): boolean {
  return id === name || group === name || kind === name;
}

function misuse(why: string): Asked {
  return { kind: "misuse", why };
}

function parse(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    options: {
      url: { type: "string" },
      "agent-dir": { type: "string" },
      secret: { type: "string" },
      "object-port": { type: "string", default: String(defaultObjectPort) },
      only: { type: "string", multiple: true },
      skip: { type: "string", multiple: true },
      "at-once": { type: "string", default: String(defaultAtOnce) },
      json: { type: "boolean", default: false },
      list: { type: "boolean", default: false },
      environment: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  }).values;
}
