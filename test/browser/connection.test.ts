// What the page does where its server is out of reach, where nothing changes, and where nobody looks.
import { onTestFinished } from "vitest";
import { BoardPage } from "../../shared/board.ts";
import { fixFailingTest } from "../../local/model/fix-failing-test.ts";
import { dispatchWaiting } from "../e2e/waiting-job.ts";
import type { World } from "../e2e/world.ts";
import { openRelay } from "../cli/live/relay.ts";
import { cardIn, cardOf, executionPath, isLive } from "./board-view.ts";
import { openRealTabs } from "./real-tabs.ts";
import { testWith } from "./stage.ts";

const test = testWith({ configPath: "test/worker/counting.toml" });

test("a lost connection is said with its age, what was shown stays, and its return brings what was missed", async ({
  stage,
  open,
  expect,
}) => {
  const { world } = stage;
  const relay = await openRelay(world.url);
  const { page, faults } = await open({ url: relay.url });
  const status = page.locator(".connection");
  await dispatchBrief(world, "exec_lost");
  await cardOf(page, "exec_lost").waitFor();
  await isLive(page);

  await relay.cut();
  faults.expect(/ERR_CONNECTION|ERR_EMPTY_RESPONSE/);
  await status.filter({ hasText: /Reconnecting.*last answer (?:just now|\d+ s ago)/ }).waitFor();
  expect(await cardOf(page, "exec_lost").count()).toBeGreaterThan(0);
  await dispatchBrief(world, "exec_missed");
  await relay.mend();
  await isLive(page);
  await cardOf(page, "exec_missed").waitFor();
  await relay.cut();
});

test("a card that is not heard of any more is drawn as one to be doubted, with its age, until it is heard of again", async ({
  stage,
  open,
  expect,
}) => {
  const { world } = stage;
  const { gate } = await dispatchWaiting(world, "exec_doubted", { idleMs: 200 });
  const relay = await openRelay(world.url);
  const { page, faults } = await open({ url: relay.url, ownTime: true });
  const card = await cardIn(page, "working", "exec_doubted");
  expect(await card.getAttribute("data-stale")).toBe("false");
  expect(await card.innerText()).not.toMatch(/Last heard/);

  await relay.cut();
  faults.expect(/ERR_CONNECTION|ERR_EMPTY_RESPONSE/);
  await page.clock.fastForward("04:00");
  await card.getByText(/Last heard \d+ m(?:in)?.* ago: what stands here may be over/).waitFor();
  expect(await card.getAttribute("data-stale")).toBe("true");

  await relay.mend();
  await world.cancel("exec_doubted-coder");
  await cardIn(page, "failed", "exec_doubted");
  expect(await cardOf(page, "exec_doubted").getAttribute("data-stale")).toBe("false");
  await relay.cut();
  await gate.close();
});

test("a board at rest costs an answer without a body, and no execution is asked anything", async ({
  stage,
  open,
  expect,
}) => {
  const { world } = stage;
  await dispatchBrief(world, "exec_rest");
  const board = BoardPage.parse(await (await world.fetch("/v1/boards/main")).json());
  for (const { jobId } of board.cards)
    await world.until(jobId, ({ state, container }) => state !== "running" && container?.running !== true);
  const { page } = await open();
  await cardOf(page, "exec_rest").waitFor();
  const polled = async (): Promise<string> => {
    const response = await page.waitForResponse((seen) => seen.url().includes("/v1/boards/main"));
    const { responseBodySize } = await response.request().sizes();
    return `${response.status()}, ${responseBodySize} bytes`;
  };
  // The last news of an end may still be on its way.
  let before = callsOf(world.workerLog());
  for (let answer = ""; answer !== "304, 0 bytes"; answer = await polled())
    before = callsOf(world.workerLog());
  expect([await polled(), await polled()]).toEqual(["304, 0 bytes", "304, 0 bytes"]);
  // Whoever is told that nothing has changed is connected, and what it shows is of now.
  await isLive(page);
  expect(await page.getByRole("alert").count()).toBe(0);
  expect(await page.locator(".is-stale, [data-stale=true]").count()).toBe(0);
  expect(callsOf(world.workerLog())).toEqual(before);
});

test("the page of an execution at rest stays live, answer after answer without news", async ({
  stage,
  open,
  expect,
}) => {
  const { world } = stage;
  await world.until("exec_rest-coder", ({ state }) => state !== "running");
  const { page } = await open({ path: executionPath("exec_rest") });
  await isLive(page);
  const unchanged = () => page.waitForResponse((seen) => seen.status() === 304);
  await unchanged();
  await unchanged();
  await isLive(page);
  expect(await page.getByRole("alert").count()).toBe(0);
  expect(await page.locator(".is-stale").count()).toBe(0);
});

test("a tab that nobody looks at asks nothing, and asks at once when it is looked at again", async ({
  stage,
  expect,
}) => {
  const { world } = stage;
  const tabs = await openRealTabs();
  onTestFinished(() => tabs.close());
  const [page] = tabs.context.pages();
  if (page === undefined) throw new Error("a window without a tab");
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  await page.goto(`${world.url}/#token=${world.secrets.token}`);
  await isLive(page);
  const other = await tabs.context.newPage();
  await other.bringToFront();
  await page.waitForFunction(() => document.visibilityState === "hidden", undefined, { polling: 100 });
  const before = asked.length;
  await dispatchBrief(world, "exec_hidden");
  await world.ended("exec_hidden-coder");
  // Long enough for several polls of an active board, and one of an idle one: what is shown here is that nothing happens.
  await other.waitForTimeout(18_000);
  expect(asked.slice(before)).toEqual([]);
  expect(await cardOf(page, "exec_hidden").count()).toBe(0);
  const again = page.waitForRequest((request) => request.url().includes("/v1/boards/main"));
  await page.bringToFront();
  await again;
  // This window is narrow: it shows one column, and this card may stand in another.
  await cardOf(page, "exec_hidden").waitFor({ state: "attached" });
});

/** An ordinary job whose container goes soon after it. */
async function dispatchBrief(world: World, name: string): Promise<void> {
  await world.dispatch(world.job(name, fixFailingTest), { idleMs: 200 });
}

/** What executions were made to do so far. */
function callsOf(log: readonly string[]): readonly string[] {
  return log.filter((line) => line.includes('"execution.called"'));
}
