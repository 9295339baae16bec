// One page that is never loaded again, and everything that becomes of two executions meanwhile.
import { runInTurn } from "../../local/model/script.ts";
import { makeGate } from "../e2e/gate.ts";
import { cardIn, cardOf } from "./board-view.ts";
import { testWith } from "./stage.ts";

const test = testWith({ vars: { HOLT_MAX_LIVE_EXECUTIONS: "1" } });

test("an execution goes from queued to done on the board without a reload", async ({
  stage,
  open,
  expect,
}) => {
  const { world } = stage;
  const [first, second] = [await makeGate(), await makeGate()];
  const { page } = await open();
  await page.getByText("Nothing was dispatched to this board yet").waitFor();
  await page.evaluate(() => Object.assign(globalThis, { isFirstLoad: true }));

  const dispatch = async (name: string, gate: typeof first): Promise<void> => {
    const body = world.job(name, runInTurn([gate.command], "Waited."), { noChangesIsError: false });
    await world.dispatch(body, { idleMs: 200, queuedMs: 3_600_000 });
  };
  await dispatch("exec_first", first);
  await first.arrived;
  const working = await cardIn(page, "working", "exec_first");
  await working.getByText("agent", { exact: true }).waitFor();
  expect(await working.innerText()).toMatch(/Working[\s\S]*Process\s+\S+[\s\S]*Stops in \d+:\d\d/);

  await dispatch("exec_second", second);
  const waiting = await cardIn(page, "queued", "exec_second");
  await waiting.getByText("Number 1 in the line; 1 of 1 slots are taken").waitFor();
  expect(await waiting.innerText()).toMatch(/Queued[\s\S]*holt\/sample[\s\S]*Fails in \d+:\d\d/);

  first.open();
  await cardIn(page, "done", "exec_first");
  await second.arrived;
  await cardIn(page, "working", "exec_second");
  second.open();
  const done = await cardIn(page, "done", "exec_second");
  expect(await done.innerText()).toMatch(/Done[\s\S]*took/);
  expect(await done.innerText()).not.toMatch(/Stops in/);
  // It has moved, and nothing of it was left behind.
  expect(await cardOf(page, "exec_second").count()).toBe(1);
  expect(await page.evaluate(() => Reflect.get(globalThis, "isFirstLoad"))).toBe(true);
  await first.close();
  await second.close();
});
