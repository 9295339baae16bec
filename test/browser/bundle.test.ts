// What the page says of a bundle that it saves: whether it is the one that the server has.
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { Page } from "playwright-core";
import { fixFailingTest } from "../../local/model/fix-failing-test.ts";
import { BundleLine } from "../../shared/bundle/line.ts";
import { dispatchWaiting } from "../e2e/waiting-job.ts";
import { executionPath } from "./board-view.ts";
import { testWith } from "./stage.ts";

const test = testWith();
const DAY_MS = 86_400_000;

test("the bundle of a job that has ended is saved as the server has it, and called whole", async ({
  stage,
  open,
  expect,
}) => {
  const { world } = stage;
  await world.dispatch(world.job("exec_bundle", fixFailingTest), { idleMs: 200 });
  await world.ended("exec_bundle-coder");
  const { page } = await open({ path: executionPath("exec_bundle") });
  const saved = page.waitForEvent("download");
  await download(page);
  const { bundle } = await world.view("exec_bundle-coder");
  const text = await readFile(await (await saved).path(), "utf8");
  expect(text).toContain(`"prev":"${bundle?.head ?? expect.fail("an end without a hash")}"`);
  await page.getByText(/ saved, whole: \d+ events, nothing missing$/).waitFor();
});

test("one that was written anew from end to end on its way, with hashes that fit, is not", async ({
  open,
}) => {
  const { page } = await open({ path: executionPath("exec_bundle") });
  await page.route("**/v1/executions/exec_bundle/bundle", async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: writtenAnew(await response.text()) });
  });
  await download(page);
  await page.getByText(/ saved, not whole, line \d+: the line of cursor \d+ has another hash/).waitFor();
});

test("one that nothing can be compared with, as while its job goes on, is whole in itself", async ({
  stage,
  open,
}) => {
  const { gate } = await dispatchWaiting(stage.world, "exec_growing");
  const { page } = await open({ path: executionPath("exec_growing") });
  await download(page);
  await page.getByText(/ saved, whole in itself: \d+ events, nothing missing$/).waitFor();
  await stage.world.cancel("exec_growing-coder");
  await gate.close();
});

async function download(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Download bundle" }).click();
}

/** All of it a day earlier, and every line names what stands before it now. */
function writtenAnew(text: string): string {
  let prev: string | null = null;
  let head = "";
  const lines = text
    .trimEnd()
    .split("\n")
    .map((line) => {
      const fact = BundleLine.parse(JSON.parse(line));
      const event = fact.kind === "event" && { event: { ...fact.event, at: fact.event.at - DAY_MS } };
      const anew = JSON.stringify({ ...fact, ...event, ...(fact.kind === "end" && { head }), prev });
      prev = createHash("sha256").update(anew).digest("hex");
      if (fact.kind === "bundle" || fact.kind === "event") head = prev;
      return anew;
    });
  return `${lines.join("\n")}\n`;
}
