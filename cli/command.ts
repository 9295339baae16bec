import { parseArgs } from "node:util";
import { misuse } from "./exit-code.ts";
import type { Io } from "./system.ts";

/** One option of a command; what `parseArgs` needs, and what help and completion say of it. */
export type Flag = {
  readonly type: "boolean" | "string";
  readonly short?: string;
  readonly multiple?: boolean;
  readonly summary: string;
  /** What stands for its value in help. */
  readonly value?: string;
  /** The values it may have, for completion. */
  readonly choices?: readonly string[];
  /** Its value is a file. */
  readonly isFile?: true;
};
export type Flags = Readonly<Record<string, Flag>>;

export type Command = {
  readonly name: string;
  readonly summary: string;
  /** What follows the name: `TARGET [--wait]`. */
  readonly usage: string;
  /** Paragraphs for help. */
  readonly about: readonly string[];
  readonly examples: readonly (readonly [line: string, meaning: string])[];
  readonly flags: Flags;
  /** Words that may stand at each place, for completion. */
  readonly words?: readonly (readonly string[])[];
  /** What `--json` prints, for help. */
  readonly json?: string;
  readonly run: (args: readonly string[], io: Io) => Promise<number>;
};

/** Options of every command that speaks to a Worker. */
export const serverFlags = {
  url: {
    type: "string",
    value: "URL",
    summary: "the Worker's address (HOLT_URL, or what `holt login` stored)",
  },
  token: {
    type: "string",
    value: "TOKEN",
    summary: "its token; other programs can see it here, HOLT_TOKEN is better",
  },
} as const satisfies Flags;

export const jsonFlag = {
  json: { type: "boolean", summary: "print JSON for programs" },
} as const satisfies Flags;

type Parsed<F extends Flags> = ReturnType<
  typeof parseArgs<{ args: string[]; options: F; allowPositionals: true }>
>;

/** Options and the rest of a command line; throws a misuse where it has what the command does not know. */
export function parse<F extends Flags>(
  args: readonly string[],
  flags: F,
  count: { readonly min: number; readonly max: number; readonly usage: string },
): Parsed<F> {
  const parsed = read(args, flags);
  const given = parsed.positionals.length;
  if (given < count.min) throw misuse(`something is missing: ${count.usage}`);
  if (given > count.max) throw misuse(`'${parsed.positionals[count.max]}' is too much: ${count.usage}`);
  return parsed;
}

function read<F extends Flags>(args: readonly string[], flags: F): Parsed<F> {
  try {
    return parseArgs({ args: [...args], options: flags, allowPositionals: true });
  } catch (error) {
    const [sentence = ""] = (error instanceof Error ? error.message : String(error)).split(". ");
    throw misuse(sentence);
  }
}

/** `key=value` pairs in the order given; a later one of a key wins. */
export function parsePairs(pairs: readonly string[], flag: string): Readonly<Record<string, string>> {
  const entries = pairs.map((pair) => {
    const at = pair.indexOf("=");
    if (at < 1) throw misuse(`--${flag} takes KEY=VALUE, not '${pair}'`);
    return [pair.slice(0, at), pair.slice(at + 1)] as const;
  });
  return Object.fromEntries(entries);
}
