/**
 * Runs the tests and ends in one line `N passed, N failed`, whatever becomes of vitest. Arguments narrow them down to
 * files, as for vitest. Where no project is named, all but those that need a browser.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { memberOf } from "../shared/json.ts";
import { runShown } from "./steps.ts";

type Counts = { readonly passed: number; readonly failed: number; readonly skipped: number };

const cache = join(dirname(dirname(fileURLToPath(import.meta.url))), "node_modules", ".cache");
mkdirSync(cache, { recursive: true });
// Its own: another run beside this one has another.
const dir = mkdtempSync(join(cache, "test-report-"));
const report = join(dir, "report.json");

const { passed, failed, skipped } = await runTests();
rmSync(dir, { recursive: true, force: true });
if (skipped > 0) console.log(`${skipped} skipped`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

async function runTests(): Promise<Counts> {
  const options = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  let code: number;
  try {
    code = await runShown("vitest", ["run", ...options, ...narrow(process.argv.slice(2))]);
  } catch (error) {
    console.error("vitest cannot be started:", error);
    return { passed: 0, failed: 1, skipped: 0 };
  }
  const counts = readCounts(report);
  if (counts === null) {
    console.error(`vitest ended with ${code} and left no report: which tests ran is not known`);
    return { passed: 0, failed: 1, skipped: 0 };
  }
  // An error outside of any test fails the run, and no test.
  return code === 0 ? counts : { ...counts, failed: Math.max(1, counts.failed) };
}

function narrow(args: readonly string[]): readonly string[] {
  const isNamed = args.some((arg) => arg === "--project" || arg.startsWith("--project="));
  return isNamed ? args : ["--project=!browser", ...args];
}

/** Null where there is no report, or none that can be read. */
function readCounts(path: string): Counts | null {
  let summary: unknown;
  try {
    summary = JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return null;
  }
  const passedTests = numberIn(summary, "numPassedTests");
  const failedTests = numberIn(summary, "numFailedTests");
  const skippedTests = numberIn(summary, "numPendingTests");
  if (passedTests === null || failedTests === null || skippedTests === null) return null;
  return { passed: passedTests, failed: failedTests + countBrokenFiles(summary), skipped: skippedTests };
}

/** Files that failed without a failed test: they could not be loaded, or a hook of theirs threw. */
function countBrokenFiles(summary: unknown): number {
  const files = listIn(summary, "testResults");
  return files.filter(
    (file) =>
      memberOf(file, "status") === "failed" &&
      !listIn(file, "assertionResults").some((result) => memberOf(result, "status") === "failed"),
  ).length;
}

function numberIn(value: unknown, key: string): number | null {
  const found = memberOf(value, key);
  return typeof found === "number" ? found : null;
}

function listIn(value: unknown, key: string): readonly unknown[] {
  const found = memberOf(value, key);
  return Array.isArray(found) ? found : [];
}
