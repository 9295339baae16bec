/** How lines of a bundle are written, one after the other. Without the schemas, which weigh more than the board's page. */

import type { LogEntry } from "../events.ts";

/** Goes up with any change of what a line of the log looks like: hashes told before would match no export any more. */
export const BUNDLE_VERSION = 1;

/** Lower-case hex SHA-256 of a text's UTF-8 bytes. */
export type Sha256 = (text: string) => Promise<string>;

/** What a line says beside `prev`. */
export type BundleFact =
  | { readonly kind: "bundle"; readonly v: typeof BUNDLE_VERSION; readonly executionId: string }
  | LogEntry
  | { readonly kind: "export"; readonly at: number; readonly holt: string; readonly newest: number }
  | { readonly kind: "job"; readonly job: { readonly id: string } }
  | ({ readonly kind: "end" } & BundleCounts);

export type BundleCounts = {
  readonly events: number;
  readonly gaps: number;
  /** Lines that the gaps stand for. */
  readonly missing: number;
  readonly jobs: number;
  readonly cursor: number;
  /** Hash of the last line of the log. */
  readonly head: string;
};

/** Makes lines, each naming the one before; `prev` is the hash to go on from, null for the first line. */
export function createBundleChain(sha256: Sha256, prev: string | null = null) {
  let head = prev;
  return {
    /** The text of the next line, without its newline. */
    add: async (fact: BundleFact): Promise<string> => {
      const line = toLine(head, fact);
      head = await sha256(line);
      return line;
    },
    /** Hash of the last line; null before the first. */
    head: (): string | null => head,
  };
}
export type BundleChain = ReturnType<typeof createBundleChain>;

/** The one way to write a line, so that equal facts are equal bytes. */
export function toLine(before: string | null, fact: BundleFact): string {
  return JSON.stringify({ prev: before, ...fact });
}

export function bundleHeader(executionId: string): BundleFact {
  return { kind: "bundle", v: BUNDLE_VERSION, executionId };
}

/** The last line; its members in their one order, since it is the one line whose bytes no other line names. */
export function bundleEnd({ events, gaps, missing, jobs, cursor, head }: BundleCounts): BundleFact {
  return { kind: "end", events, gaps, missing, jobs, cursor, head };
}
