// Whatever is shown has an address, and the address shows it again: to oneself after Back, to somebody else as a link.
import type { Page } from "playwright-core";
import { fixFailingTest } from "../../local/model/fix-failing-test.ts";
import { cardIn, isLive } from "./board-view.ts";
import { testWith } from "./stage.ts";

const test = testWith();

test("filters, order, board, execution and job are in the address, which shows the same to somebody else", async ({
  stage,
  open,
  expect,
}) => {
  const { world } = stage;
  for (const [name, branch] of [
    ["exec_a1", "main"],
    ["exec_b2", "no-such-branch"],
    ["exec_c3", "main"],
  ] as const) {
    await world.dispatch(world.job(name, fixFailingTest, { branch }));
    await world.ended(`${name}-coder`);
  }
  const { page } = await open();
  await cardIn(page, "done", "exec_c3");
  const asLink = async (): Promise<void> => {
    const other = await open({ path: new URL(page.url()).pathname + new URL(page.url()).search });
    await isLive(other.page);
    expect(await textsOf(other.page)).toEqual(await textsOf(page));
    expect(other.page.url()).toBe(page.url());
    await other.context.close();
  };

  await page.getByLabel("Filter by text").fill("exec_");
  await page.getByText("Status", { exact: true }).click();
  await page.getByRole("checkbox", { name: "Done" }).check();
  await page.getByRole("combobox", { name: "Sort" }).selectOption("title");
  await page.waitForURL("**/?q=exec_&state=done&sort=title");
  expect(await textsOf(page)).toEqual(["exec_a1-coder", "exec_c3-coder"]);
  await asLink();

  await page.getByRole("link", { name: "exec_a1-coder", exact: true }).click();
  await page.getByRole("heading", { level: 1, name: "exec_a1-coder" }).waitFor();
  expect(page.url()).toContain("execution=exec_a1&job=exec_a1-coder");
  await asLink();
  await page.goBack();
  await page.waitForURL("**/?q=exec_&state=done&sort=title");
  await cardIn(page, "done", "exec_c3");
  expect(await textsOf(page)).toEqual(["exec_a1-coder", "exec_c3-coder"]);
  await page.getByRole("button", { name: "Clear" }).click();
  await cardIn(page, "failed", "exec_b2");

  await page.getByLabel("Board", { exact: true }).fill("elsewhere");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/?board=elsewhere");
  await page.getByText("Nothing was dispatched to this board yet").waitFor();
  await page.goBack();
  await cardIn(page, "done", "exec_c3");
});

/** The headings of what is shown: of cards on the board, else of the job. */
function textsOf(page: Page): Promise<readonly string[]> {
  return page.locator("article h3, .job-head h1").allInnerTexts();
}
