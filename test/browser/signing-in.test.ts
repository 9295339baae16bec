// Who may look: where the token comes from, where it stays, and where it never goes.
import { isLive } from "./board-view.ts";
import { testWith } from "./stage.ts";

const test = testWith();

test("the token of the address is gone from it at once, from the history too, and lives as long as the tab", async ({
  stage,
  open,
  expect,
}) => {
  const { token } = stage.world.secrets;
  const { page, context, faults } = await open({ path: "/?board=main" });
  const sent: string[] = [];
  context.on("request", (request) => {
    sent.push(request.url(), request.headers()["referer"] ?? "");
  });
  await isLive(page);
  expect(page.url()).toBe(`${stage.world.url}/?board=main`);
  expect(await page.evaluate(() => Object.entries(sessionStorage))).toEqual([["holt.token", token]]);
  expect(await page.evaluate(() => [localStorage.length, document.cookie])).toEqual([0, ""]);
  const devtools = await context.newCDPSession(page);
  const { entries } = await devtools.send("Page.getNavigationHistory");
  expect(entries.map(({ url }) => url)).toEqual(["about:blank", `${stage.world.url}/?board=main`]);

  await page.reload();
  await isLive(page);
  expect(sent.join("\n")).not.toContain(token);
  expect(sent.filter((text) => text !== "" && !text.startsWith(stage.world.url))).toEqual([]);

  // Another tab has nothing of it, and is refused.
  faults.expect(/status of 401/);
  const other = await context.newPage();
  await other.goto(stage.world.url);
  await other.getByRole("heading", { name: "Sign in to Holt" }).waitFor();
});

test("a wrong token is told in words, and the right one lets in where it was", async ({
  stage,
  open,
  expect,
}) => {
  const { page, faults } = await open({ path: "/?board=other", token: "holt_wrong" });
  // The browser itself tells its console of a refused call.
  faults.expect(/status of 401/);
  await page.getByRole("alert").filter({ hasText: "refused" }).waitFor();
  const field = page.getByLabel("Token");
  expect(await field.getAttribute("type")).toBe("password");
  await field.fill(stage.world.secrets.token);
  await field.press("Enter");
  await isLive(page);
  await page.getByRole("main", { name: "Board other" }).waitFor();
  expect(page.url()).toBe(`${stage.world.url}/?board=other`);
});

test("without a token nothing is shown but the way to get in", async ({ open, expect }) => {
  const { page, faults } = await open({ token: null });
  faults.expect(/status of 401/);
  await page.getByRole("heading", { name: "Sign in to Holt" }).waitFor();
  expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
  await page.getByLabel("Token").fill("två ord");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("alert").filter({ hasText: "no spaces" }).waitFor();
});
