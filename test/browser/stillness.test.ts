// What moves on the board while agents work, and what must not.
import { drawnAnew, isLive } from "./board-view.ts";
import { openLoadedWorld } from "./loaded-world.ts";
import { testWith } from "./stage.ts";

const LOAD_MS = 900_000;
const SCROLLED_PX = 120;
const test = testWith(() => openLoadedWorld(12, "still", 100));

test(
  "while agents work nothing shifts under the eyes, and the board stays where it was scrolled to",
  { timeout: LOAD_MS },
  async ({ open, expect }) => {
    const { page } = await open({ heightPx: 600 });
    await isLive(page);
    await page.locator('[data-column="working"] article').first().waitFor();
    // Each column scrolls by itself.
    const columns = page.locator(".column-cards");
    const scrolled = await columns.evaluateAll(
      (all, px) => all.map((column) => ((column.scrollTop = px), column.scrollTop)),
      SCROLLED_PX,
    );
    expect(scrolled).toContain(SCROLLED_PX);
    await page.evaluate(watchShifts);

    // Ten answers with news of the agents that are at work.
    const seen = new Set<string>();
    while (seen.size < 10) {
      const answer = await page.waitForResponse((response) => response.url().includes("/v1/boards/"));
      if (answer.status() === 200) seen.add(answer.headers()["etag"] ?? "");
    }
    await drawnAnew(page);
    expect(await columns.evaluateAll((all) => all.map(({ scrollTop }) => scrollTop))).toEqual(scrolled);
    // What shifts by less than a hundredth of the screen no eye sees.
    expect(await page.evaluate<number>("shifted")).toBeLessThan(0.01);
  },
);

/** Runs in the page: how far anything moved that nobody had touched. */
function watchShifts(): void {
  Object.assign(globalThis, { shifted: 0 });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      if (Reflect.get(entry, "hadRecentInput") === true) continue;
      Reflect.set(
        globalThis,
        "shifted",
        Number(Reflect.get(globalThis, "shifted")) + Number(Reflect.get(entry, "value")),
      );
    }
  }).observe({ type: "layout-shift" });
}
