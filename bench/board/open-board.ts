/** The board in a fresh browser context; what appears on it is written down inside the page, with the moment. */

import type { Browser, Page } from "playwright-core";

export type OpenBoardOptions = {
  readonly browser: Browser;
  readonly url: string;
  readonly token: string;
  /** Of the card that has to be drawn. */
  readonly title: string;
  readonly cpuSlowdown?: number;
};

/** When the first card was drawn, in ms since the page was asked for; and each `done/total` in epoch ms. */
export type Seen = { firstCardMs: number | null; readonly steps: Record<string, number> };

/** Resolves when the card of that title is drawn. */
export async function openBoard({
  browser,
  url,
  token,
  title,
  cpuSlowdown = 1,
}: OpenBoardOptions): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  await page.addInitScript(watch, title);
  const devtools = await context.newCDPSession(page);
  await devtools.send("Emulation.setCPUThrottlingRate", { rate: cpuSlowdown });
  await page.goto(`${url}/#token=${token}`);
  await page.waitForFunction(() => Reflect.get(Reflect.get(globalThis, "holtSeen"), "firstCardMs") !== null);
  return page;
}

export function readSeen(page: Page): Promise<Seen> {
  return page.evaluate<Seen>("holtSeen");
}

function watch(title: string): void {
  const seen: Seen = { firstCardMs: null, steps: {} };
  Object.assign(globalThis, { holtSeen: seen });
  let isDrawing = false;
  new MutationObserver(() => {
    const text = document.body?.textContent ?? "";
    if (!isDrawing && text.includes(title)) {
      isDrawing = true;
      // The frame after the next one begins when this one is on the screen.
      requestAnimationFrame(() => requestAnimationFrame(() => void (seen.firstCardMs = performance.now())));
    }
    for (const [, done, total] of text.matchAll(/(\d+)\s*(?:\/|of)\s*(9\d)\b/g))
      seen.steps[`${done}/${total}`] ??= Date.now();
  }).observe(document, { subtree: true, childList: true, characterData: true });
}
