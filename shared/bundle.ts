import { type BundleCheck, type BundleReport, verifyLines } from "./bundle/verify.ts";
import { BundleLine } from "./bundle/line.ts";

export type { BundleReport } from "./bundle/verify.ts";

/** As `verifyLines`, each line parsed by its schema. */
export function verifyBundle(
  lines: AsyncIterable<string> | Iterable<string>,
  check: Omit<BundleCheck, "readLine">,
): Promise<BundleReport> {
  return verifyLines(lines, { ...check, readLine: (value) => BundleLine.safeParse(value).data ?? null });
}
