// Fifty real executions that came to everything there is to come to, on one board.
import type { Page } from "playwright-core";
import { BoardPage, type Card } from "../../shared/board.ts";
import { findBarriers } from "./axe.ts";
import { isLive } from "./board-view.ts";
import { findLayoutFaults, widthsPx } from "./layout.ts";
import { type LoadedWorld, openLoadedWorld } from "./loaded-world.ts";
import { testWith } from "./stage.ts";

/** Fifty real executions take their time, a few beside each other. */
const LOAD_MS = 1_200_000;
let loaded: LoadedWorld;
const test = testWith(async () => (loaded = await openLoadedWorld(50, "all", 100)));

test(
  "each of the fifty stands in its column with its status, and what went wrong with its reason and what to do",
  { timeout: LOAD_MS },
  async ({ stage, open, expect }) => {
    expect(loaded.load.standing().filter(({ verdict }) => verdict.kind !== "so")).toEqual([]);
    const { page } = await open();
    await isLive(page);
    const { cards } = BoardPage.parse(await (await stage.world.fetch("/v1/boards/main")).json());
    expect(cards).toHaveLength(50);
    // A column shows its newest first, and the others where they are asked for.
    for (const more of await page.getByRole("button", { name: /^Show \d+ more/ }).all()) await more.click();
    const shown = await page.locator("article").evaluateAll((articles) =>
      articles.map((article) => ({
        key: article.getAttribute("data-key") ?? "",
        column: article.closest<HTMLElement>("[data-column]")?.dataset["column"] ?? "",
        text: article instanceof HTMLElement ? article.innerText : "",
      })),
    );
    for (const card of cards) {
      const { title, about, attention, outcome, endedAt, deadline } = card;
      const found = shown.find(({ key }) => key === `${card.executionId}\n${card.jobId}`);
      expect({ title, column: found?.column }).toEqual({ title, column: columnOf(card) });
      expect(found?.text).toContain(title);
      expect(found?.text).toContain(about?.repository);
      if (attention !== null) expect(found?.text).toContain(attention.why);
      if (endedAt !== null && outcome?.code !== "done") {
        expect(found?.text).toContain(outcome?.code);
        expect(found?.text).toContain(outcome?.next);
      }
      if (deadline !== null) expect(found?.text).toMatch(/\b(?:in \d+:\d\d|Is due)/);
    }
    expect(new Set(shown.map(({ column }) => column)).size).toBe(6);
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      expect({ colorScheme, found: await findBarriers(page) }).toEqual({ colorScheme, found: [] });
    }
    let laidOut = 0;
    for (const width of widthsPx) {
      await page.setViewportSize({ width, height: 1_000 });
      for (const column of await eachDrawing(page)) {
        await column.draw();
        laidOut += await page.locator("article:visible").count();
        const { name } = column;
        expect({ width, name, found: await findLayoutFaults(page) }).toEqual({ width, name, found: [] });
      }
    }
    expect(laidOut).toBe(cards.length * widthsPx.length);
  },
);

/** What there is to be drawn at this width: the whole board, or one column after the other. */
async function eachDrawing(page: Page) {
  const tabs = await page.getByRole("navigation", { name: "Columns" }).getByRole("link").all();
  if (tabs.length === 0) return [{ name: "all", draw: () => Promise.resolve() }];
  return Promise.all(
    tabs.map(async (tab) => ({
      name: await tab.innerText(),
      draw: async () => {
        await tab.click();
        await tab.and(page.locator("[aria-current=page]")).waitFor();
      },
    })),
  );
}

function columnOf({ attention, status, outcome }: Card): string {
  if (attention !== null) return "attention";
  if (status === "queued" || status === "starting") return status;
  if (status === "running" || status === "recovering" || status === "stopping") return "working";
  return status === "done" && outcome?.code === "done" ? "done" : "failed";
}
