import type { Locator, Page } from "playwright-core";

/** The card of an execution's only job. */
export function cardOf(page: Page, executionId: string): Locator {
  return page.locator(`article:has(h3 a[href*="execution=${executionId}&"])`);
}

/** The card once it stands in that column. */
export async function cardIn(page: Page, column: string, executionId: string): Promise<Locator> {
  const card = page.locator(`[data-column="${column}"]`).locator(cardOf(page, executionId));
  await card.waitFor();
  return card;
}

/** Resolves when what was read last from the server is on the page. */
export async function isLive(page: Page): Promise<void> {
  await page.locator(".connection", { hasText: "Live" }).waitFor();
}

/** What measures itself is drawn in the frame after the one in which its size changed. */
export async function drawnAnew(page: Page): Promise<void> {
  await page.evaluate(
    () => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))),
  );
}

/** What has the focus, by its name. */
export function focusedOn(page: Page): Promise<string> {
  return page.evaluate(() => {
    const { activeElement: at } = document;
    return at?.getAttribute("aria-label") ?? at?.textContent?.trim() ?? "";
  });
}

export function executionPath(executionId: string): string {
  return `/?execution=${executionId}&job=${executionId}-coder`;
}
