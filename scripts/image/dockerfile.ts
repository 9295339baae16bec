/** What a Dockerfile says, as far as the rules of `rules/` and the list of what it installs ask. */

export type Instruction = { readonly keyword: string; readonly rest: string };

export type Dockerfile = {
  /** From the repository's root. */
  readonly path: string;
  readonly text: string;
  readonly instructions: readonly Instruction[];
  /** Arguments with their defaults; an argument without one is the empty text. */
  readonly args: ReadonlyMap<string, string>;
  readonly env: ReadonlyMap<string, string>;
};

export function parseDockerfile(path: string, text: string): Dockerfile {
  const instructions = instructionsOf(text);
  return {
    path,
    text,
    instructions,
    args: pairsOf(restsOf({ instructions }, "ARG")),
    env: pairsOf(restsOf({ instructions }, "ENV")),
  };
}

/** What stands behind a keyword, each time. */
export function restsOf(
  { instructions }: Pick<Dockerfile, "instructions">,
  keyword: string,
): readonly string[] {
  return instructions.filter((each) => each.keyword === keyword).map(({ rest }) => rest);
}

/** The commands of a RUN as words, quotes gone: enough for lines without control structures. */
export function commandsOf(run: string): readonly (readonly string[])[] {
  return run.split(/\s*(?:&&|\|\||;|\|)\s*/u).map((command) => {
    return [...command.matchAll(/(?:"[^"]*"|'[^']*'|[^\s"'])+/gu)].map(([word]) =>
      word.replaceAll(/["']/gu, ""),
    );
  });
}

/** A text with `${NAME}` and `$NAME` replaced by the defaults of arguments; what has none stays as it is. */
export function expandArgs(text: string, args: ReadonlyMap<string, string>): string {
  return text.replaceAll(/\$(?:\{(\w+)\}|(\w+))/gu, (whole, braced?: string, plain?: string) => {
    const value = args.get(braced ?? plain ?? "") ?? "";
    return value === "" ? whole : value;
  });
}

/** Comments are gone, also between continued lines, and continued lines are joined. */
function instructionsOf(text: string): readonly Instruction[] {
  const lines = text
    .split("\n")
    .filter((line) => !/^\s*#/u.test(line))
    .join("\n")
    .replaceAll(/\\\n\s*/gu, "")
    .split("\n")
    .filter((line) => line.trim() !== "");
  return lines.map((line) => {
    const [, keyword = "", rest = ""] = /^\s*(\S+)\s*(.*)$/u.exec(line) ?? [];
    return { keyword: keyword.toUpperCase(), rest: rest.trim() };
  });
}

function pairsOf(rests: readonly string[]): ReadonlyMap<string, string> {
  const bare = rests.filter((rest) => /^\w+$/u.test(rest)).map((name) => [name, ""] as const);
  const pairs = rests.flatMap((rest) => [...rest.matchAll(/([A-Za-z_]\w*)=(\S*)/gu)]);
  return new Map([...bare, ...pairs.map(([, name = "", value = ""]) => [name, value] as const)]);
}
