// The whole of the page without a mouse.
import type { Locator, Page } from "playwright-core";
import { fixFailingTest } from "../../local/model/fix-failing-test.ts";
import { dispatchWaiting } from "../e2e/waiting-job.ts";
import { cardIn, cardOf, executionPath, focusedOn, isLive } from "./board-view.ts";
import { testWith } from "./stage.ts";

const test = testWith();

test("cards are found, extended, opened and cancelled, and the board filtered, with keys alone", async ({
  stage,
  open,
  expect,
}) => {
  const { world } = stage;
  await world.dispatch(world.job("exec_other", fixFailingTest));
  await world.ended("exec_other-coder");
  const { gate, jobId } = await dispatchWaiting(world, "exec_keys");
  const { page } = await open();
  const press = async (...keys: readonly string[]): Promise<void> => {
    for (const key of keys) await page.keyboard.press(key);
  };
  const focused = () => focusedOn(page);
  await isLive(page);
  await cardIn(page, "working", "exec_keys");
  await cardIn(page, "done", "exec_other");

  // The working column is the third, the done one the fifth.
  await press("5");
  await expect.poll(focused).toBe("exec_other-coder");
  await press("3");
  await expect.poll(focused).toBe("exec_keys-coder");
  await press("e");
  await expect.poll(focused).toBe("Extend by 15 minutes");
  const before = (await world.view(jobId)).revision;
  await press("Enter");
  await world.until(jobId, ({ revision }) => revision > before);
  expect((await world.events(jobId)).map(({ kind }) => kind)).toContain("deadline-extended");

  await press("/");
  await page.keyboard.type("exec_other");
  await page.waitForURL(/q=exec_other/);
  expect(await cardOf(page, "exec_keys").count()).toBe(0);
  await press("Control+a", "Delete", "Escape");
  await page.waitForURL((url) => url.search === "");
  await press("?");
  const help = page.getByRole("dialog", { name: "Keys" });
  await help.waitFor();
  await press("Escape");
  await help.waitFor({ state: "detached" });

  await press("3", "Enter");
  await page.waitForURL(/execution=exec_keys/);
  await page.getByRole("heading", { level: 1, name: "exec_keys-coder" }).waitFor();
  await expect.poll(focused).toBe("exec_keys-coder");
  const cancel = page.getByRole("button", { name: "Cancel …" });
  await cancel.waitFor();
  await tabTo(page, cancel);
  await press("Enter");
  await page.getByRole("dialog", { name: "Cancel this job?" }).waitFor();
  await tabTo(page, page.getByRole("button", { name: "Cancel the job" }));
  await press("Enter");
  await page.locator('[data-stage="dead"][data-state="done"]').waitFor();
  expect((await world.view(jobId)).status).toBe("cancelled");
  await tabTo(page, page.getByRole("link", { name: "Board" }));
  await press("Enter");
  await cardIn(page, "failed", "exec_keys");
  await gate.close();
});

test("on a narrow screen the keys of columns choose the one that is drawn, and lead to its cards", async ({
  open,
  expect,
}) => {
  const { page } = await open({ widthPx: 768 });
  await isLive(page);
  // Of the test before: one is done, the other was cancelled.
  for (const [key, focus, column] of [
    ["5", "exec_other-coder", "done"],
    ["l", "exec_keys-coder", "failed"],
    ["h", "exec_other-coder", "done"],
    ["6", "exec_keys-coder", "failed"],
    ["1", "Queued 0", "queued"],
    ["l", "exec_other-coder", "done"],
    ["ArrowRight", "exec_keys-coder", "failed"],
  ] as const) {
    await page.keyboard.press(key);
    await expect.poll(() => focusedOn(page), { message: key }).toBe(focus);
    expect(await page.locator("[data-column]:visible").getAttribute("data-column")).toBe(column);
    expect(new URL(page.url()).search).toBe(`?column=${column}`);
  }
});

test("a button that its own press turns off keeps the focus, and does nothing more", async ({
  open,
  expect,
}) => {
  const { page } = await open({ path: executionPath("exec_other") });
  const showAll = page.getByRole("button", { name: "Show all" });
  await page.getByRole("button", { name: "Zoom in" }).press("Enter");
  for (const pressed of ["once", "again"]) {
    await showAll.press("Enter");
    await expect.poll(() => showAll.getAttribute("aria-disabled"), { message: pressed }).toBe("true");
    expect(await focusedOn(page)).toBe("Show all");
  }
  // What follows the log goes on doing so: there is nothing before the first entry.
  await page.getByRole("button", { name: "First" }).press("Enter");
  expect(await page.getByRole("button", { name: "Newest" }).getAttribute("aria-pressed")).toBe("true");
});

test("what has the focus shows it, wherever Tab leads on the board", async ({ open, expect }) => {
  const { page } = await open();
  await isLive(page);
  const unseen: string[] = [];
  for (let steps = 0; steps < 25; steps += 1) {
    await page.keyboard.press("Tab");
    const fault = await page.evaluate(() => {
      const at = document.activeElement;
      if (at === null || at === document.body) return null;
      // The title of a card is marked by its card.
      const isMarked = [at, at.closest("article")].some((element) => {
        if (element === null) return false;
        const { outlineStyle, outlineWidth } = getComputedStyle(element);
        return outlineStyle !== "none" && outlineWidth !== "0px";
      });
      return isMarked ? null : at.outerHTML.slice(0, 120);
    });
    if (fault !== null) unseen.push(fault);
  }
  expect(unseen).toEqual([]);
});

/** As far as Tab leads, which goes round. */
async function tabTo(page: Page, control: Locator): Promise<void> {
  for (let steps = 0; steps < MAX_TABS; steps += 1) {
    if (await control.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`Tab leads nowhere near ${String(control)}`);
}

const MAX_TABS = 120;
