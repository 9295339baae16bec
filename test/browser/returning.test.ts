// Whoever looks into an execution and comes back finds the board as he left it.
import type { Page } from "playwright-core";
import { fixFailingTest } from "../../local/model/fix-failing-test.ts";
import { BoardPage } from "../../shared/board.ts";
import { cardIn, focusedOn } from "./board-view.ts";
import { testWith } from "./stage.ts";

const test = testWith();
const NEWER = 39;

/** What scrolls: each column by itself, and where one is drawn alone the page. */
const scrollers = [
  [1280, '[data-column="done"] .column-cards'],
  [768, "html"],
] as const;

test("by the link or by Back: the cards that were shown, how far it was scrolled, and the focus", async ({
  stage,
  open,
  expect,
}) => {
  const { world } = stage;
  await world.dispatch(world.job("exec_old", fixFailingTest));
  await world.ended("exec_old-coder");
  for (const [widthPx, scroller] of scrollers) {
    const { page } = await open({ path: "/?board=empty", widthPx, heightPx: 700 });
    await addNewerOnes(page);
    await page.goto(world.url);
    await page.getByRole("button", { name: "Show 15 more" }).click();
    const link = page.getByRole("link", { name: "exec_old-coder", exact: true });
    const topPx = (): Promise<number> => page.locator(scroller).evaluate(({ scrollTop }) => scrollTop);
    for (const back of ["link", "history"]) {
      await link.focus();
      const left = await topPx();
      expect(left).toBeGreaterThan(0);
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { level: 1, name: "exec_old-coder" }).waitFor();
      await (back === "link" ? page.getByRole("link", { name: "Board" }).click() : page.goBack());
      await cardIn(page, "done", "exec_old");
      expect({ back, topPx: await topPx(), focus: await focusedOn(page) }).toEqual({
        back,
        topPx: left,
        focus: "exec_old-coder",
      });
      expect(await page.locator("article").count()).toBe(NEWER + 1);
    }
    await page.context().close();
  }
});

/** Others on the board that ended after its one execution, and before which it stands last. */
async function addNewerOnes(page: Page): Promise<void> {
  await page.route("**/v1/boards/main**", async (route) => {
    const response = await route.fetch();
    if (response.status() !== 200) return route.fulfill({ response });
    const board = BoardPage.parse(await response.json());
    const others = board.cards.flatMap((card) =>
      Array.from({ length: NEWER }, (_none, n) => ({
        ...card,
        executionId: `exec_new${n}`,
        jobId: `exec_new${n}-coder`,
        title: `exec_new${n}`,
        endedAt: (card.endedAt ?? card.startedAt) + n + 1,
      })),
    );
    return route.fulfill({ response, json: { ...board, cards: [...board.cards, ...others] } });
  });
}
