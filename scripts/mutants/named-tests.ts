import { readFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import * as z from "zod";
import type { Killer } from "./patch.ts";

/** How a test that a mutant names came out; `missing` where no test of that title ran. */
export type Result = { readonly killer: Killer; readonly status: "passed" | "failed" | "missing" };

const LIMIT_MS = 180_000;

const Report = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      assertionResults: z.array(z.object({ fullName: z.string(), status: z.string() })),
    }),
  ),
});
type Report = z.infer<typeof Report>;

/** Runs the named tests, and no others, in a copy of the sources. */
export async function runNamedTests(root: string, killers: readonly Killer[]): Promise<readonly Result[]> {
  const files = [...new Set(killers.map(({ file }) => file))];
  const report = join(root, "mutants-report.json");
  const titles = killers.map(({ title }) => escaped(title)).join("|");
  const args = ["run", "--reporter=json", `--outputFile=${report}`, "-t", titles, ...files];
  await execa("vitest", args, {
    cwd: root,
    preferLocal: true,
    reject: false,
    timeout: LIMIT_MS,
    stdin: "ignore",
    stdout: "ignore",
    stderr: "ignore",
  });
  const told = readReport(report);
  return killers.map((killer) => ({ killer, status: statusOf(told, killer) }));
}

function readReport(path: string): Report {
  try {
    return Report.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch {
    // No report, or half of one: the run did not come to its end, so no test of it counts.
    return { testResults: [] };
  }
}

function statusOf(report: Report, { file, title }: Killer): Result["status"] {
  const ran = report.testResults
    .filter(({ name }) => name.endsWith(`/${file}`))
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(
      ({ fullName, status }) => fullName.includes(title) && status !== "skipped" && status !== "pending",
    );
  if (ran.length === 0) return "missing";
  return ran.some(({ status }) => status === "failed") ? "failed" : "passed";
}

/** A title as a pattern that matches just itself. */
function escaped(title: string): string {
  return title.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}
