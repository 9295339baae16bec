/** Runs the tests and ends in one line `N passed, N failed`. Arguments narrow them down to files, as for vitest. */
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { runShown } from "./steps.ts";

const report = "node_modules/.cache/test-report.json";
mkdirSync("node_modules/.cache", { recursive: true });
rmSync(report, { force: true });

const code = await runShown("vitest", [
  "run",
  "--reporter=default",
  "--reporter=json",
  `--outputFile.json=${report}`,
  ...process.argv.slice(2),
]);
const { passed, failed, pending } = countsOf(JSON.parse(readFileSync(report, "utf8")));
// A file that could not be loaded has no tests to count, and is a failure all the same.
const total = failed === 0 && code !== 0 ? 1 : failed;
console.log(`${passed} passed, ${total} failed${pending === 0 ? "" : `, ${pending} skipped`}`);
process.exit(total === 0 ? 0 : 1);

function countsOf(summary: unknown): { passed: number; failed: number; pending: number } {
  return {
    passed: numberIn(summary, "numPassedTests"),
    failed: numberIn(summary, "numFailedTests"),
    pending: numberIn(summary, "numPendingTests"),
  };
}

function numberIn(value: unknown, key: string): number {
  const found: unknown = typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
  if (typeof found !== "number") throw new Error(`${report} has no number ${key}`);
  return found;
}
