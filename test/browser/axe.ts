import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";

const source = readFileSync(fileURLToPath(import.meta.resolve("axe-core/axe.min.js")), "utf8");
const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"];

/** What axe-core finds against WCAG 2.0 to 2.2, levels A and AA, in what the page shows now; one line each. */
export async function findBarriers(page: Page): Promise<readonly string[]> {
  // Colours are judged as they are in the end; one in transition has a contrast of its own.
  await page.evaluate(async () => {
    const ending = document
      .getAnimations()
      .filter(({ effect }) => Number.isFinite(Number(effect?.getComputedTiming().endTime)));
    await Promise.allSettled(ending.map(({ finished }) => finished));
  });
  await page.evaluate(source);
  return page.evaluate(async (values) => {
    const { violations } = await axe.run(document, { runOnly: { type: "tag", values } });
    return violations.flatMap(({ id, help, nodes }) =>
      nodes.map(
        ({ target, failureSummary }) => `${id}: ${help}: ${target.join(" ")}: ${failureSummary ?? ""}`,
      ),
    );
  }, tags);
}

type Found = {
  readonly id: string;
  readonly help: string;
  readonly nodes: ReadonlyArray<{ readonly target: readonly string[]; readonly failureSummary?: string }>;
};
/** What its script adds to the page's globals. */
declare const axe: {
  readonly run: (
    context: Document,
    options: { readonly runOnly: { readonly type: "tag"; readonly values: readonly string[] } },
  ) => Promise<{ readonly violations: readonly Found[] }>;
};
