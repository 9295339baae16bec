// What people do to an execution from the page, and what the page shows of it.
import { onTestFinished } from "vitest";
import { dispatchWaiting } from "../e2e/waiting-job.ts";
import { cardIn, executionPath, focusedOn } from "./board-view.ts";
import { testWith } from "./stage.ts";

const test = testWith();
const QUARTER_MS = 900_000;

test("Extend moves the countdown of a card, and of the execution's page, by what was chosen", async ({
  stage,
  open,
  expect,
}) => {
  const { world } = stage;
  const { gate } = await dispatchWaiting(world, "exec_extend");
  const { page } = await open();
  const card = await cardIn(page, "working", "exec_extend");
  expect(await card.innerText()).toMatch(/attempt 1/);
  const stop = card.locator(".stop");
  const inactivity = async (): Promise<number | undefined> =>
    (await world.view("exec_extend-coder")).deadlines.find(({ name }) => name === "inactivity")?.at;
  const before = await inactivity();
  await card.locator(`time[datetime="${new Date(before ?? 0).toISOString()}"]`).waitFor();

  await card.getByRole("button", { name: "Extend exec_extend-coder" }).click();
  await card.getByRole("button", { name: "Extend by 15 minutes" }).click();
  await card.locator(`time[datetime="${new Date((before ?? 0) + QUARTER_MS).toISOString()}"]`).waitFor();
  expect(await inactivity()).toBe((before ?? 0) + QUARTER_MS);
  expect(await stop.innerText()).toMatch(/Stops in (?:2[345]:\d\d)/);

  await card.getByRole("link", { name: "exec_extend-coder" }).click();
  await page.getByRole("button", { name: "Extend inactivity" }).click();
  await page.getByRole("button", { name: "Extend by 15 minutes" }).click();
  // Next is the silence of tools now; this one stands among all of them.
  const limits = page.getByRole("region", { name: "Limits" });
  await limits
    .locator(`time[datetime="${new Date((before ?? 0) + 2 * QUARTER_MS).toISOString()}"]`)
    .first()
    .waitFor();
  expect(await inactivity()).toBe((before ?? 0) + 2 * QUARTER_MS);
  // The button is the same one, whatever it extends.
  await expect.poll(() => focusedOn(page)).toBe("Extend tool-silence");
  // Choices of a deadline close when another one comes in its place: the press would be for that one.
  await page.keyboard.press("Enter");
  await expect.poll(() => focusedOn(page)).toBe("Extend by 15 minutes");
  const until = (before ?? 0) + 10 * QUARTER_MS;
  await world.fetch("/v1/executions/exec_extend/jobs/exec_extend-coder/extend", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ deadline: "tool-silence", until }),
  });
  await expect.poll(() => focusedOn(page)).toBe("Extend inactivity");
  expect(await page.getByRole("button", { name: "Extend by 15 minutes" }).count()).toBe(0);
  await world.cancel("exec_extend-coder");
  await gate.close();
});

test("cancel asks once, then shows its stages until the container's death is proved", async ({
  stage,
  open,
  expect,
}) => {
  const { world } = stage;
  const { gate } = await dispatchWaiting(world, "exec_cancel", { stopGraceMs: 1_000, killGraceMs: 1_000 });
  const { page } = await open({ path: executionPath("exec_cancel") });
  const button = page.getByRole("button", { name: "Cancel …" });
  await button.click();
  await page.getByRole("dialog").getByRole("button", { name: "Close" }).click();
  expect((await world.view("exec_cancel-coder")).status).toBe("running");

  // It hears nothing, and the platform does not get rid of it yet.
  const [container] = await world.containersOf("exec_cancel-coder");
  if (container === undefined) throw new Error("a job at work without a container");
  process.kill(container.pid ?? expect.fail("the container has no process"), "SIGSTOP");
  const letGo = world.standIns.engine.faults.holdRemovals(({ id }) => id === container.id);
  onTestFinished(letGo);
  await button.click();
  const dialog = page.getByRole("dialog", { name: "Cancel this job?" });
  await dialog.getByLabel(/^Reason/).fill("it is no longer wanted");
  await dialog.getByRole("button", { name: "Cancel the job" }).click();
  const reached = (name: string, state: string) =>
    page.locator(`[data-stage="${name}"][data-state="${state}"]`).waitFor();
  // What there was to press is gone, and whoever has no pointer is at the heading of it.
  await expect.poll(() => page.evaluate(() => document.activeElement?.tagName)).toBe("H1");
  await Promise.all([reached("asked", "done"), reached("destroy", "now"), reached("dead", "ahead")]);
  await page.locator(".job-name", { hasText: "Stopping" }).waitFor();
  letGo();
  await Promise.all([reached("asked", "done"), reached("dead", "done")]);
  await page.getByText("The container's death was proved").waitFor();
  await page.locator(".job-name", { hasText: "Cancelled" }).waitFor();

  const stages = page.getByRole("region", { name: "Stop", exact: true });
  expect(await stages.innerText()).toMatch(/it is no longer wanted/);
  expect((await world.containersOf("exec_cancel-coder")).map(({ state }) => state)).not.toContain("running");
  await gate.close();
});

test("a token that may only read shows everything and changes nothing, and says so in words", async ({
  stage,
  open,
  expect,
}) => {
  const { world } = stage;
  const { gate } = await dispatchWaiting(world, "exec_reader");
  const { page, faults } = await open({ token: world.secrets.readToken });
  // The browser itself tells its console of a refused call.
  faults.expect(/status of 403/);
  const card = await cardIn(page, "working", "exec_reader");
  await card.getByRole("button", { name: "Extend exec_reader-coder" }).click();
  await card.getByRole("button", { name: "Extend by 15 minutes" }).click();
  await card
    .getByRole("alert")
    .filter({ hasText: /dispatch/ })
    .waitFor();

  await card.getByRole("link", { name: "exec_reader-coder" }).click();
  await page.getByRole("button", { name: "Cancel …" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Cancel the job" }).click();
  await page
    .getByRole("alert")
    .filter({ hasText: /dispatch/ })
    .waitFor();
  await page.getByRole("button", { name: "Release …" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Release it" }).click();
  await page
    .locator(".bar")
    .getByRole("alert")
    .filter({ hasText: /dispatch/ })
    .waitFor();
  const { status, stop } = await world.view("exec_reader-coder");
  expect({ status, stop }).toEqual({ status: "running", stop: undefined });
  const kinds = (await world.events("exec_reader-coder")).map(({ kind }) => kind);
  expect(kinds).toContain("attempt-started");
  for (const kind of ["deadline-extended", "cancel-requested", "released"]) expect(kinds).not.toContain(kind);
  await world.cancel("exec_reader-coder");
  await gate.close();
});
