import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { formsToFind } from "./forms.ts";

/** Something that Holt lets out or keeps: a file, an answer, the lines of a log. In bytes, each a character. */
export type Exit = { readonly what: string; readonly text: string };

/** A place that the value, or a contiguous half of it, can be read at, in whatever form. */
export function findTraces(value: string, exits: readonly Exit[]): readonly string[] {
  const needles = formsToFind(value).map(({ name, core }) => ({ name, ...blocksOf(core) }));
  return exits.flatMap(({ what, text }) =>
    needles.flatMap(({ name, core, half, blocks }) => {
      const longest = Math.max(0, ...blocks.map((block) => longestAround(text, core, block)));
      return longest < half ? [] : [`${longest} of ${core.length} characters ${name} in ${what}`];
    }),
  );
}

/** Names of the forms in which the whole value can be read somewhere. */
export function formsFound(value: string, exits: readonly Exit[]): readonly string[] {
  return formsToFind(value).flatMap(({ name, core }) =>
    exits.some(({ text }) => text.includes(core)) ? [name] : [],
  );
}

/** Every file below a folder, as far as its path does not match `except`. */
export async function filesBelow(root: string, except: RegExp): Promise<readonly Exit[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .filter((path) => !except.test(path));
  return Promise.all(
    // a name is stored too
    paths.map(async (what) => ({ what, text: `${what}\n${await readFile(what, "latin1")}` })),
  );
}

/** A text as a file's bytes are read, so that one search does for all. */
export function asBytes(text: string): string {
  return Buffer.from(text).toString("latin1");
}

type Block = { readonly at: number; readonly text: string };

/** Any half of the core holds one of these blocks whole. */
function blocksOf(core: string): {
  readonly core: string;
  readonly half: number;
  readonly blocks: readonly Block[];
} {
  const half = Math.ceil(core.length / 2);
  const size = Math.floor((half + 1) / 2);
  const count = Math.floor(core.length / size);
  const blocks = Array.from({ length: count }, (_, index) => {
    const at = index * size;
    return { at, text: core.slice(at, at + size) };
  });
  return { core, half, blocks };
}

/** How much of the core stands round an occurrence of one of its blocks, at most. */
function longestAround(text: string, core: string, block: Block): number {
  let longest = 0;
  for (let at = text.indexOf(block.text); at >= 0; at = text.indexOf(block.text, at + 1)) {
    let start = 0;
    while (start < block.at && text[at - start - 1] === core[block.at - start - 1]) start += 1;
    let end = block.text.length;
    while (block.at + end < core.length && text[at + end] === core[block.at + end]) end += 1;
    longest = Math.max(longest, start + end);
  }
  return longest;
}
