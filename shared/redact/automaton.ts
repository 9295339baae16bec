import type { Span } from "./spans.ts";

/**
 * Aho–Corasick over UTF-16 units: finds every occurrence of every needle in one pass, in any chunks, and knows how much
 * of what it has read may still begin one.
 */
export type Matcher = {
  /** Reads on; the occurrences that end within `chunk`, in positions of the whole stream. */
  feed(chunk: string): readonly Span[];
  /** Up to here no later text can complete an occurrence. */
  settled(): number;
};

/** Built once per set of needles; matchers share it. */
export type Automaton = { readonly matcher: () => Matcher; readonly isEmpty: boolean };

const stride = 0x1_0000;
const root = 0;

export function createAutomaton(needles: readonly string[]): Automaton {
  const trie = buildTrie(needles);
  const { edges, fails, depths, longest } = trie;
  const firstStep = new Int32Array(stride);
  for (const needle of needles) {
    const unit = needle.charCodeAt(0);
    firstStep[unit] = edges.get(unit) ?? root;
  }
  return {
    isEmpty: needles.length === 0,
    matcher: () => {
      let node = root;
      let position = 0;
      const step = (unit: number): number => {
        for (let at = node; at !== root; at = fails[at] ?? root) {
          const next = edges.get(at * stride + unit);
          if (next !== undefined) return next;
        }
        return firstStep[unit] ?? root;
      };
      return {
        feed: (chunk) => {
          const found: Span[] = [];
          if (needles.length === 0) {
            position += chunk.length;
            return found;
          }
          for (let index = 0; index < chunk.length; index += 1) {
            const unit = chunk.charCodeAt(index);
            node = node === root ? (firstStep[unit] ?? root) : step(unit);
            const length = longest[node] ?? 0;
            const end = position + index + 1;
            if (length > 0) found.push({ start: end - length, end });
          }
          position += chunk.length;
          return found;
        },
        settled: () => position - (depths[node] ?? 0),
      };
    },
  };
}

type Trie = {
  /** `node * stride + unit` → child. */
  readonly edges: ReadonlyMap<number, number>;
  readonly fails: readonly number[];
  readonly depths: readonly number[];
  /** Length of the longest needle that ends at a node, through its fail links; 0 where none does. */
  readonly longest: readonly number[];
};

function buildTrie(needles: readonly string[]): Trie {
  const edges = new Map<number, number>();
  const [fails, depths, longest] = [[root], [0], [0]];
  const parents: Array<readonly [node: number, parent: number, unit: number]> = [];
  for (const needle of needles) {
    let node = root;
    for (let index = 0; index < needle.length; index += 1) {
      const unit = needle.charCodeAt(index);
      let next = edges.get(node * stride + unit);
      if (next === undefined) {
        next = depths.length;
        edges.set(node * stride + unit, next);
        parents.push([next, node, unit]);
        depths.push(index + 1);
        longest.push(0);
        fails.push(root);
      }
      node = next;
    }
    longest[node] = needle.length;
  }
  // Breadth first: a node's fail link leads to a shallower node, which must be final before it is followed.
  parents.sort(([a], [b]) => (depths[a] ?? 0) - (depths[b] ?? 0));
  for (const [node, parent, unit] of parents) {
    if (parent === root) continue;
    let at = fails[parent] ?? root;
    while (at !== root && !edges.has(at * stride + unit)) at = fails[at] ?? root;
    const fail = edges.get(at * stride + unit) ?? root;
    fails[node] = fail;
    longest[node] ||= longest[fail] ?? 0;
  }
  return { edges, fails, depths, longest };
}
