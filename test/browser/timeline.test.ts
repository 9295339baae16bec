// The picture of the timeline under fingers.
import { fixFailingTest } from "../../local/model/fix-failing-test.ts";
import { drawnAnew, executionPath } from "./board-view.ts";
import { testWith } from "./stage.ts";

const test = testWith();

test("it follows the finger that drags it, and no other that comes beside it", async ({
  stage,
  open,
  expect,
}) => {
  const { world } = stage;
  await world.dispatch(world.job("exec_drag", fixFailingTest));
  await world.ended("exec_drag-coder");
  const { page } = await open({ path: executionPath("exec_drag") });
  const frame = page.getByRole("group", { name: /^Timeline:/ });
  const picture = (): Promise<string> => frame.innerHTML();
  const timeline = page.getByRole("region", { name: "Timeline" });
  await timeline.getByText(/^\d+ tool calls$/).waitFor();
  await timeline.getByRole("button", { name: "Zoom in" }).click();
  await timeline.getByText(/ shown$/).waitFor();
  const { x, y, width, height } = (await frame.boundingBox()) ?? expect.fail("there is no picture");
  const fingers = await page.context().newCDPSession(page);
  const touch = async (type: "touchStart" | "touchMove" | "touchEnd", ...at: readonly number[]) => {
    const touchPoints = at.map((part, id) => ({ x: x + width * part, y: y + height / 2, id }));
    await fingers.send("Input.dispatchTouchEvent", { type, touchPoints });
    await drawnAnew(page);
  };
  const before = await picture();
  await touch("touchStart", 0.5);
  await touch("touchMove", 0.4);
  const dragged = await picture();
  expect(dragged).not.toBe(before);

  await touch("touchStart", 0.4, 0.9);
  await touch("touchMove", 0.4, 0.8);
  expect(await picture()).toBe(dragged);
  await touch("touchMove", 0.3);
  expect(await picture()).not.toBe(dragged);
  await touch("touchEnd");
});
