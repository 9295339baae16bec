/** What `npm start` was asked for. */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { fates } from "./load/fates.ts";
import { MAX_LOAD } from "./load/plan.ts";
import { type DemoModel, readRealModel } from "./real-model.ts";

export type StartOptions = {
  readonly once: boolean;
  /** How many jobs of the load are dispatched in place of the sample; 0: none. */
  readonly load: number;
  /** Whether a browser may be opened. */
  readonly open: boolean;
  readonly fresh: boolean;
  readonly verbose: boolean;
  /** The first port to try. */
  readonly firstPort: number;
  readonly stateDir: string;
  /** Undefined: the scripted one. */
  readonly model: DemoModel | undefined;
};

export type Asked =
  | { readonly kind: "start"; readonly options: StartOptions }
  | { readonly kind: "help" }
  | { readonly kind: "misuse"; readonly why: string };

export const usage = `usage: npm start -- [--once] [--load N] [--no-open] [--fresh] [--model NAME] [--port N] [--verbose]

  --once        end after the sample execution; the last line is its JobView, the exit code 0 or 1
  --load N      dispatch N scripted jobs of all fates (1 to ${MAX_LOAD}; ${fates.length} show each once) in place of the sample;
                with --once cancel what stays, print a table, and exit with 1 when one came to another end than it should
  --no-open     open no browser; one is opened only from a terminal with a desktop, and not with --once
  --fresh       forget what earlier starts stored in .holt/
  --model NAME  a real model, with OPENAI_API_KEY (and OPENAI_BASE_URL) from the environment; default: scripted
  --port N      the first port to try; default 8787, then the next free one
  --verbose     show what the Worker, the engine and the containers print
  --help        print this`;

/** Complains in words about what it does not understand; a key is looked for only where a model is named. */
export function readOptions(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  projectRoot: string,
): Asked {
  let values: ReturnType<typeof parse>;
  try {
    values = parse(args, projectRoot);
  } catch (error) {
    return { kind: "misuse", why: error instanceof Error ? error.message : String(error) };
  }
  if (values.help) return { kind: "help" };
  const firstPort = Number(values.port);
  if (!/^\d+$/.test(values.port) || firstPort < 1 || firstPort > MAX_PORT) {
    return { kind: "misuse", why: `--port takes a number from 1 to ${MAX_PORT}, not "${values.port}"` };
  }
  const load = values.load === undefined ? 0 : Number(values.load);
  if (values.load !== undefined && (!/^\d+$/.test(values.load) || load < 1 || load > MAX_LOAD)) {
    return { kind: "misuse", why: `--load takes a number from 1 to ${MAX_LOAD}, not "${values.load}"` };
  }
  if (load > 0 && values.model !== undefined) {
    return { kind: "misuse", why: "--load is scripted: it goes without --model" };
  }
  const model = values.model === undefined ? undefined : readRealModel(values.model, env);
  if (typeof model === "string") return { kind: "misuse", why: model };
  const { once, fresh, verbose } = values;
  const open = !once && !values["no-open"];
  return {
    kind: "start",
    options: { once, load, open, fresh, verbose, firstPort, stateDir: values["state-dir"], model },
  };
}

const MAX_PORT = 65_535;

function parse(args: readonly string[], projectRoot: string) {
  return parseArgs({
    args: [...args],
    options: {
      once: { type: "boolean", default: false },
      load: { type: "string" },
      "no-open": { type: "boolean", default: false },
      fresh: { type: "boolean", default: false },
      verbose: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
      model: { type: "string" },
      port: { type: "string", default: "8787" },
      // For tests: several starts beside each other.
      "state-dir": { type: "string", default: join(projectRoot, ".holt") },
    },
  }).values;
}
