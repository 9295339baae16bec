export type Instruction = { readonly keyword: string; readonly rest: string };

/** The instructions of a Dockerfile in order, comments gone and continued lines joined. */
export function instructionsOf(text: string): readonly Instruction[] {
  const lines = text
    .split("\n")
    .filter((line) => !/^\s*#/u.test(line))
    .join("\n")
    .replaceAll(/\\\n\s*/gu, "")
    .split("\n")
    .filter((line) => line.trim() !== "");
  return lines.map((line) => {
    const [, keyword = "", rest = ""] = /^\s*(\S+)\s*(.*)$/u.exec(line) ?? [];
    return { keyword: keyword.toUpperCase(), rest };
  });
}

export function restsOf(instructions: readonly Instruction[], keyword: string): readonly string[] {
  return instructions.filter((each) => each.keyword === keyword).map(({ rest }) => rest);
}

/** `ENV` and `ARG` as pairs. */
export function pairsOf(rests: readonly string[]): ReadonlyMap<string, string> {
  const pairs = rests.flatMap((rest) => [...rest.matchAll(/([A-Za-z_]\w*)=(\S*)/gu)]);
  return new Map(pairs.map(([, name = "", value = ""]) => [name, value]));
}
