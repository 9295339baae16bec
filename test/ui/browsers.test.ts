import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "vitest";
import { bundleUi } from "../../scripts/ui/bundle.ts";

// esbuild turns newer syntax into older; what a browser brings along it leaves as it is.
const newer: ReadonlyArray<readonly [what: string, pattern: RegExp]> = [
  ["URL.parse: Chrome 126, Safari 18", /\bURL\.parse\(/],
  ["AbortSignal.any: Safari 17.4", /\bAbortSignal\.any\(/],
  ["Promise.withResolvers: Safari 17.4", /\bPromise\.(?:withResolvers|try)\(/],
  ["groupBy: Safari 17.4", /\b(?:Object|Map)\.groupBy\(/],
  ["Array.fromAsync: Chrome 121", /\bArray\.fromAsync\(/],
  [
    "helpers of iterators: Chrome 122, Safari 18.4",
    /\.(?:keys|values|entries)\(\)\.(?:map|filter|some|every|find|take|drop|reduce|toArray|forEach|flatMap)\(/,
  ],
  [
    "methods of sets: Chrome 122, Firefox 127",
    /\.(?:union|intersection|difference|isSubsetOf|isSupersetOf|isDisjointFrom)\(/,
  ],
  ["requestIdleCallback: no Safari", /\brequestIdleCallback\(/],
];

const dir = await mkdtemp(join(tmpdir(), "holt-bundle-"));
await bundleUi(dir);
const names = await readdir(join(dir, "assets"));
const script = await Promise.all(
  names.filter((name) => name.endsWith(".js")).map((name) => readFile(join(dir, "assets", name), "utf8")),
);
await rm(dir, { recursive: true });

for (const [what, pattern] of newer) {
  test(`the page does without ${what}`, ({ expect }) => {
    expect(script.length).toBeGreaterThan(3);
    expect(script.flatMap((text) => text.match(pattern)?.[0] ?? [])).toEqual([]);
  });
}
