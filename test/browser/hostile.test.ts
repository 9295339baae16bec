// Agents decide what people read; here one says everything that could do harm there, and too much of it.
import { cardOf, executionPath, isLive } from "./board-view.ts";
import { hostileJob, openHostileWorld } from "./hostile-world.ts";
import { findLayoutFaults } from "./layout.ts";
import { testWith } from "./stage.ts";

const test = testWith(openHostileWorld);
const CALLS = 5_000;
const LINE_CHARS = 10_000_000;

/** What steers a terminal or the direction of writing, and must not reach the eye. */
// oxlint-disable-next-line no-control-regex -- these are what is looked for
const steering = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u200E\u200F\u202A-\u202E\u2066-\u2069]/;

test("an execution that says markup, script, colours, directions, a line of 10 MB and 5,000 calls breaks nothing", async ({
  stage,
  open,
  expect,
}) => {
  const { world } = stage;
  const body = hostileJob(world, "exec_hostile", { calls: CALLS, lineChars: LINE_CHARS });
  const title = "<img src=x onerror=document.title='owned'>\u202Egnp.exe";
  await world.fetch("/v1/executions/exec_hostile/jobs", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ ...dispatchOf(body), labels: { title, "</style>": "<b>bold</b>" } }),
  });
  const { page } = await open();
  await cardOf(page, "exec_hostile").waitFor();
  expect((await world.ended(body.jobId)).status).toBe("done");
  await page
    .locator('[data-column="attention"], [data-column="done"]')
    .locator(cardOf(page, "exec_hostile"))
    .waitFor();
  await isUnharmed();

  await page.goto(new URL(executionPath("exec_hostile"), world.url).href);
  await isLive(page);
  // The whole log has been read, page by page.
  const events = page.getByRole("region", { name: "Events" });
  await events.getByText(/of 1\d,\d{3}/).waitFor();
  await events.getByText(/^[\d,]+ to be read$/).waitFor({ state: "detached" });
  await isUnharmed();
  // It stays a page that answers: what is drawn is bounded, however much there is.
  expect(await page.locator("*").count()).toBeLessThan(12_000);
  await page.getByRole("link", { name: "Board" }).click();
  await cardOf(page, "exec_hostile").waitFor();

  async function isUnharmed(): Promise<void> {
    // What each of its scripts would have set it to.
    expect(await page.title()).not.toBe("owned");
    const text = await page.evaluate(() => document.body.innerText);
    expect(text).toContain("<img");
    expect(steering.exec(text)?.index).toBeUndefined();
    expect(
      await page.locator("iframe, script:not([src]), img, svg[onload], a[href^='javascript:']").count(),
    ).toBe(0);
    for (const width of [360, 1280]) {
      await page.setViewportSize({ width, height: 900 });
      expect(await findLayoutFaults(page)).toEqual([]);
    }
  }
});

function dispatchOf({
  jobId,
  kind: _saidByTheRoute,
  ...spec
}: {
  readonly jobId: string;
  readonly kind?: unknown;
}) {
  return { jobId, spec };
}
