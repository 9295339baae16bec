/** What a browser loads of the page's script for each of its parts. Pure. */

export type ViewSize = {
  /** The source of the part that is loaded when something is opened; null: what is loaded in any case. */
  readonly part: string | null;
  /** Of all files it takes, those that are loaded in any case included. */
  readonly bytes: number;
};

/** What esbuild says of its outputs, by file name. */
export type Outputs = Readonly<
  Record<
    string,
    {
      readonly imports: ReadonlyArray<{ readonly path: string; readonly kind: string }>;
      /** Of a file that begins with a source. */
      readonly entryPoint?: string;
    }
  >
>;

export function viewSizes(
  outputs: Outputs,
  entry: string,
  bytesOf: (name: string) => number,
): readonly ViewSize[] {
  const sum = (names: ReadonlySet<string>): number =>
    [...names].reduce((bytes, name) => bytes + bytesOf(name), 0);
  const always = closure(outputs, [entry]);
  const parts = Object.values(outputs)
    .flatMap(({ imports }) => imports)
    .filter(({ kind }) => kind === "dynamic-import")
    .map(({ path }) => path);
  return [
    { part: null, bytes: sum(always) },
    ...[...new Set(parts)].map((name) => ({
      part: outputs[name]?.entryPoint ?? name,
      bytes: sum(new Set([...always, ...closure(outputs, [name])])),
    })),
  ];
}

/** Files and what they import at once, and so on. */
function closure(outputs: Outputs, names: readonly string[]): ReadonlySet<string> {
  const found = new Set<string>();
  const open = [...names];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (found.has(name)) continue;
    found.add(name);
    for (const { path, kind } of outputs[name]?.imports ?? []) {
      if (kind === "import-statement") open.push(path);
    }
  }
  return found;
}
