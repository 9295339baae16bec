/** Checks a bundle that was downloaded. The schemas weigh more than the page: a line is read by the fields that the check needs. */
import { type BundleReport, verifyLines } from "../../../../shared/bundle/verify.ts";
import type { Sha256 } from "../../../../shared/bundle/chain.ts";
import type { BundleHead, BundleLine } from "../../../../shared/bundle/line.ts";

/** @param heads what the ended jobs' views say of the log, which the bundle must agree with */
export function checkBundle(
  text: string,
  { heads, sha256 }: { readonly heads: readonly BundleHead[]; readonly sha256: Sha256 },
): Promise<BundleReport> {
  // The last line ends with a line feed too.
  return verifyLines(text.replace(/\n$/, "").split("\n"), { sha256, readLine, expected: heads });
}

type Fields = Readonly<Record<string, unknown>>;

const needed: Readonly<Record<BundleLine["kind"], (line: Fields) => boolean>> = {
  bundle: ({ prev, v, executionId }) => prev === null && v === 1 && typeof executionId === "string",
  event: ({ event }) => hasNumbers(event, ["cursor"]),
  gap: ({ gap }) => hasNumbers(gap, ["from", "to", "count"]),
  export: (line) => hasNumbers(line, ["at", "newest"]),
  job: ({ job }) => isRecord(job),
  end: (line) => hasNumbers(line, ["events", "gaps", "missing", "jobs", "cursor"]),
};

function readLine(value: unknown): BundleLine | null {
  return isLine(value) ? value : null;
}

function isLine(value: unknown): value is BundleLine {
  if (!isRecord(value)) return false;
  const { kind } = value;
  return typeof kind === "string" && isKind(kind) && needed[kind](value);
}

function isKind(kind: string): kind is BundleLine["kind"] {
  return Object.hasOwn(needed, kind);
}

function isRecord(value: unknown): value is Fields {
  return typeof value === "object" && value !== null;
}

function hasNumbers(value: unknown, names: readonly string[]): boolean {
  return isRecord(value) && names.every((name) => Number.isInteger(value[name]));
}
