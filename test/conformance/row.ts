/** What the kit certifies, row by row. */

import type { Kit } from "./world/kit.ts";

/** `contract`: every harness of the job protocol. `beyond`: what the original harness gets wrong, or has not. */
export type RowKind = "contract" | "beyond";

export type Row = {
  /** Stable; names the row on the command line and in reports. */
  readonly id: string;
  readonly group: string;
  readonly kind: RowKind;
  /** What is so where the row passes, as a sentence without its full stop. */
  readonly title: string;
  /** The original's defects that the row is about, numbered as in docs/compatibility.md. */
  readonly defects?: readonly number[];
  /** Waits for a limit more than it works: begins first, beside all others. */
  readonly waits?: boolean;
  /** Runs after all others, one at a time, in order: it may be the harness's end. */
  readonly isHostile?: boolean;
  /** Resolves where the row passes; a `Mismatch` fails it, a `NotOffered` skips it. */
  readonly check: (kit: Kit) => Promise<void>;
};

export type Verdict =
  | { readonly kind: "pass" }
  | { readonly kind: "fail"; readonly expected: string; readonly seen: string }
  | { readonly kind: "skipped"; readonly reason: string };

/** The rows of one group; what is the same for all stands once. */
export function group(
  name: string,
  rows: ReadonlyArray<Omit<Row, "group" | "kind"> & { readonly kind?: RowKind }>,
): readonly Row[] {
  return rows.map((row) => ({
    ...row,
    group: name,
    kind: row.kind ?? (row.defects === undefined ? "contract" : "beyond"),
  }));
}
