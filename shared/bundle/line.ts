/**
 * The execution bundle: one line of JSON for each fact, each naming the hash of the line before. The first line and the
 * lines of the log depend on the log alone, so that the hash of any of them is the same in every export.
 */

import * as z from "zod";
import { ExecutionEvent, PrunedGap } from "../events.ts";
import { ExecutionId } from "../ids.ts";
import { BUNDLE_VERSION } from "./chain.ts";

/** The hash of the log's line (or gap) that ends at a cursor. */
export const BundleHead = z
  .object({ cursor: z.int().min(0), head: z.string().regex(/^[0-9a-f]{64}$/) })
  .meta({ id: "BundleHead", description: "The hash of a bundle's line for this cursor of the log." });
export type BundleHead = z.infer<typeof BundleHead>;

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
