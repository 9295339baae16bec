/** The board in a fresh browser context; what appears on it is written down inside the page, with the moment. */

import { gzipSync } from "node:zlib";
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

/** What the page has loaded of script so far, compressed as a server on the way would. */
export async function scriptKib(page: Page): Promise<number> {
  const urls = await page.evaluate(() =>
    performance
      .getEntriesByType("resource")
      .map(({ name }) => name)
      .filter((name) => name.endsWith(".js")),
  );
  const files = await Promise.all(
    urls.map(async (url) => Buffer.from(await (await fetch(url)).arrayBuffer())),
  );
  return files.reduce((sum, file) => sum + gzipSync(file).byteLength, 0) / 1024;
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
    for (const { textContent } of document.querySelectorAll(".progress .number"))
      seen.steps[textContent.trim()] ??= Date.now();
  }).observe(document, { subtree: true, childList: true, characterData: true });
}
