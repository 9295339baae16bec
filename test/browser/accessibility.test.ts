// Every view of the page, in both themes and at every width: what axe-core and the eye would find wrong with it.
import type { Page } from "playwright-core";
import { afterAll } from "vitest";
import { fixFailingTest } from "../../local/model/fix-failing-test.ts";
import { runInTurn } from "../../local/model/script.ts";
import { type Gate, makeGate } from "../e2e/gate.ts";
import type { World } from "../e2e/world.ts";
import { findBarriers } from "./axe.ts";
import { cardIn, drawnAnew, executionPath, isLive } from "./board-view.ts";
import { findLayoutFaults, widthsPx } from "./layout.ts";
import { type Stage, testWith, type View } from "./stage.ts";

const test = testWith({ vars: { HOLT_MAX_LIVE_EXECUTIONS: "1" } });
const themes = ["light", "dark"] as const;
type Open = (options?: Parameters<Stage["open"]>[0]) => Promise<View>;
type Show = (open: Open, options: { readonly theme: "light" | "dark" }) => Promise<Page>;

const views: Readonly<Record<string, Show>> = {
  board: async (open, options) => {
    const { page } = await open(options);
    await cardIn(page, "done", "exec_ended");
    await cardIn(page, "failed", "exec_cancelled");
    await cardIn(page, "queued", "exec_waiting");
    const card = await cardIn(page, "working", "exec_working");
    await card.getByRole("button", { name: /^Extend/ }).click();
    return page;
  },
  "empty board": async (open, options) => {
    const { page } = await open({ ...options, path: "/?board=empty" });
    await page.getByText("Nothing was dispatched to this board yet").waitFor();
    return page;
  },
  "execution at work": async (open, options) => {
    const { page } = await open({ ...options, path: executionPath("exec_working") });
    await page.getByRole("region", { name: "Now" }).waitFor();
    await page.getByRole("region", { name: "Timeline" }).waitFor();
    return page;
  },
  "execution that is done": async (open, options) => {
    const { page } = await open({ ...options, path: executionPath("exec_ended") });
    await page.getByRole("region", { name: "Outcome" }).waitFor();
    return page;
  },
  "execution that was cancelled": async (open, options) => {
    const { page } = await open({ ...options, path: executionPath("exec_cancelled") });
    await page.getByRole("region", { name: "Stop", exact: true }).waitFor();
    return page;
  },
  "question before a cancel": async (open, options) => {
    const { page } = await open({ ...options, path: executionPath("exec_working") });
    await page.getByRole("button", { name: "Cancel …" }).click();
    await page.getByRole("dialog", { name: "Cancel this job?" }).waitFor();
    return page;
  },
  "list of keys": async (open, options) => {
    const { page } = await open(options);
    await page.getByRole("button", { name: "Keys" }).click();
    await page.getByRole("dialog", { name: "Keys" }).waitFor();
    return page;
  },
  "sign-in": async (open, options) => {
    const { page, faults } = await open({ ...options, token: "holt_wrong" });
    faults.expect(/status of 401/);
    await page.getByRole("alert").waitFor();
    return page;
  },
  "API reference": async (open, options) => {
    const { page } = await open({ ...options, path: "/docs", token: null });
    await page.getByRole("heading", { level: 1 }).waitFor();
    return page;
  },
};

test.for(Object.entries(views))(
  "%s: no barrier in either theme, nothing cut or covered at any width",
  async ([, show], { stage, open, expect }) => {
    await standing(stage.world);
    const found: string[] = [];
    for (const theme of themes) {
      const page = await show(open, { theme });
      found.push(...(await findBarriers(page)).map((barrier) => `${theme}: ${barrier}`));
      for (const width of widthsPx) {
        await page.setViewportSize({ width, height: 900 });
        await drawnAnew(page);
        found.push(...(await findLayoutFaults(page)).map((fault) => `${theme}, ${width} px: ${fault}`));
      }
      // What is only there on a telephone is judged as well.
      await page.setViewportSize({ width: 360, height: 780 });
      await drawnAnew(page);
      found.push(...(await findBarriers(page)).map((barrier) => `${theme}, narrow: ${barrier}`));
      await page.context().close();
    }
    expect(found).toEqual([]);
  },
);

test("where less motion is asked for nothing moves", async ({ stage, open, expect }) => {
  await standing(stage.world);
  const { page } = await open({ reducedMotion: true });
  const card = await cardIn(page, "working", "exec_working");
  await card.getByRole("button", { name: /^Extend/ }).click();
  await page.getByRole("button", { name: "Keys" }).click();
  await isLive(page);
  expect(
    await page.evaluate(() =>
      [...document.querySelectorAll("*")]
        .filter((element) => {
          const { animationName, animationDuration, transitionDuration } = getComputedStyle(element);
          const lasts = (durations: string): boolean =>
            durations.split(",").some((each) => parseFloat(each) > 0.01);
          return (animationName !== "none" && lasts(animationDuration)) || lasts(transitionDuration);
        })
        .map((element) => element.outerHTML.slice(0, 100)),
    ),
  ).toEqual([]);
});

/** What the jobs of this file wait at. */
const gates: Gate[] = [];
afterAll(async () => {
  await Promise.all(gates.map(({ close }) => close()));
});

/** One execution of each sort that there is to look at; the first test brings them about. */
async function standing(world: World): Promise<void> {
  if (gates.length > 0) return;
  const policy = { idleMs: 200, queuedMs: 3_600_000 };
  await world.dispatch(world.job("exec_ended", fixFailingTest), policy);
  await world.ended("exec_ended-coder");
  for (const name of ["exec_cancelled", "exec_working", "exec_waiting"]) {
    const waiting = await makeGate();
    gates.push(waiting);
    const script = runInTurn(["node --test || true", waiting.command], "Waited.");
    await world.dispatch(world.job(name, script, { noChangesIsError: false }), policy);
    if (name === "exec_waiting") continue;
    await waiting.arrived;
    if (name === "exec_cancelled") await world.cancel(`${name}-coder`, "nobody wants it any more");
  }
}
