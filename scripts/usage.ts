/** The command line of an npm script: `--help` prints its usage, what it does not understand is an error in words. */

/** What was asked for, or what is printed in its place and the exit code that says so. */
export type Asked<T> =
  | { readonly kind: "run"; readonly wanted: T }
  | { readonly kind: "help"; readonly text: string }
  | { readonly kind: "misuse"; readonly text: string };

/** `read` makes of the arguments what is wanted, and throws in words where it cannot. */
export function ask<T>(
  usage: string,
  args: readonly string[],
  read: (args: readonly string[]) => T,
): Asked<T> {
  if (args.some((arg) => arg === "--help" || arg === "-h")) return { kind: "help", text: usage };
  try {
    return { kind: "run", wanted: read(args) };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { kind: "misuse", text: `${why}\n\n${usage}` };
  }
}

/** The same of this process, which ends where nothing is to be run: with 0 after its usage, with 2 after an error. */
export function wantedOrExit<T>(usage: string, read: (args: readonly string[]) => T): T {
  const asked = ask(usage, process.argv.slice(2), read);
  switch (asked.kind) {
    case "run":
      return asked.wanted;
    case "help":
      console.log(asked.text);
      return process.exit(0);
    case "misuse":
      console.error(asked.text);
      return process.exit(2);
  }
}

export function toCount(option: string, text: string): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw new Error(`${option} takes a whole number from 1 on, not "${text}"`);
}

/** Those that are named, all where none is. */
export function choose<T extends string>(all: readonly T[], names: readonly string[]): readonly T[] {
  const unknown = names.filter((name) => !all.some((each) => each === name));
  if (unknown.length > 0) throw new Error(`there is no ${unknown.join(", ")} among ${all.join(", ")}`);
  return names.length === 0 ? all : all.filter((each) => names.includes(each));
}
