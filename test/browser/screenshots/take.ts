/**
 * `npm run screenshots`: board and execution page of a load of real executions, in both themes, wide and narrow, into
 * `docs/images/`.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Page } from "playwright-core";
import { projectRoot } from "../../../local/stand-ins.ts";
import { bundleUi } from "../../../scripts/ui/bundle.ts";
import { toCount, wantedOrExit } from "../../../scripts/usage.ts";
import { isLive } from "../board-view.ts";
import { type LoadedWorld, openLoadedWorld } from "../loaded-world.ts";
import { openStage } from "../stage.ts";
import { toPalette } from "./palette.ts";

const sizes = { wide: { widthPx: 1440, heightPx: 900 }, narrow: { widthPx: 390, heightPx: 844 } } as const;
const themes = ["light", "dark"] as const;
/** An agent at work for a while, and one whose container was lost and replaced. */
const executions = { execution: "slow", healed: "healed-crash" } as const;

const usage = `usage: npm run screenshots -- [--load N]

Takes pictures of board and execution page, in both themes, wide and narrow, into docs/images. Needs a Chromium.

  --load N  so many executions; default 50
  --help    print this`;

const loadSize = wantedOrExit(usage, (args) => {
  const { values } = parseArgs({
    args: [...args],
    options: { load: { type: "string", default: "50" } },
  });
  return toCount("--load", values.load);
});
const folder = join(projectRoot, "docs/images");
await mkdir(folder, { recursive: true });
await bundleUi();
const say = (line: string): boolean => process.stderr.write(`screenshots: ${line}\n`);
say("bringing about what is to be seen …");
const world = await openLoadedWorld(loadSize, "tour", 400);
const stage = await openStage(world);
try {
  for (const theme of themes) {
    for (const [size, of] of Object.entries(sizes)) {
      const { page, context } = await stage.open({ theme, ...of });
      await isLive(page);
      await page.locator("article:visible").first().waitFor();
      await take(page, `board-${theme}-${size}`);
      for (const [name, fate] of Object.entries(executions)) {
        const { executionId, jobId } = jobOf(world, fate);
        await page.goto(new URL(`/?execution=${executionId}&job=${jobId}`, world.url).href);
        await page.getByRole("heading", { level: 1 }).waitFor();
        await isLive(page);
        await take(page, `${name}-${theme}-${size}`);
      }
      await context.close();
    }
  }
} finally {
  await stage.close();
  await world.close();
}

async function take(page: Page, name: string): Promise<void> {
  const image = toPalette(await page.screenshot({ animations: "disabled" }));
  await writeFile(join(folder, `${name}.png`), image);
  say(`${name}.png, ${Math.round(image.length / 1024)} KiB`);
}

function jobOf(
  { load }: LoadedWorld,
  fate: string,
): { readonly executionId: string; readonly jobId: string } {
  const found = load.standing().find(({ job }) => job.fate.name === fate);
  if (found === undefined) throw new Error(`the load has no job of the fate ${fate}`);
  return found.job;
}
