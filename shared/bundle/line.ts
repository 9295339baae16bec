/**
 * The execution bundle: one line of JSON for each fact, each naming the hash of the line before. The first line and the
 * lines of the log depend on the log alone, so that the hash of any of them is the same in every export.
 */

import * as z from "zod";
import { ExecutionEvent, type LogEntry, PrunedGap } from "../events.ts";
import { ExecutionId } from "../ids.ts";

/** Goes up with any change of what a line of the log looks like: hashes told before would match no export any more. */
export const BUNDLE_VERSION = 1;

/** Lower-case hex SHA-256 of a text's UTF-8 bytes. */
export type Sha256 = (text: string) => Promise<string>;

/** The hash of the log's line (or gap) that ends at a cursor. */
export const BundleHead = z
  .object({ cursor: z.int().min(0), head: z.string().regex(/^[0-9a-f]{64}$/) })
  .meta({ id: "BundleHead", description: "The hash of a bundle's line for this cursor of the log." });
export type BundleHead = z.infer<typeof BundleHead>;

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

const prev = z.string();

/** A line as it is read: what a later version adds to it is covered by the hashes, and no matter else. */
export const BundleLine = z
  .discriminatedUnion("kind", [
    z.looseObject({
      prev: z.null(),
      kind: z.literal("bundle"),
      v: z.literal(BUNDLE_VERSION),
      executionId: ExecutionId,
    }),
    z.looseObject({ prev, kind: z.literal("event"), event: ExecutionEvent }),
    z.looseObject({ prev, kind: z.literal("gap"), gap: PrunedGap }),
    z.looseObject({
      prev,
      kind: z.literal("export"),
      at: z.int(),
      /** The version of Holt that exported. */
      holt: z.string(),
      /** Newest cursor of the log at the time. */
      newest: z.int(),
    }),
    z.looseObject({ prev, kind: z.literal("job"), job: z.looseObject({ id: z.string() }) }),
    z.looseObject({
      prev,
      kind: z.literal("end"),
      events: z.int(),
      gaps: z.int(),
      missing: z.int(),
      jobs: z.int(),
      cursor: z.int(),
      head: z.string(),
    }),
  ])
  .meta({ id: "BundleLine", description: "One line of an execution bundle." });
export type BundleLine = z.infer<typeof BundleLine>;

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
