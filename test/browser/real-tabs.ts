import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type BrowserContext, chromium } from "playwright-core";
import { chromiumFlags, findChromium } from "../../local/chromium.ts";

/**
 * Tabs of one window, as a person has them: the one in front is visible, the others are hidden. Pages that Playwright opens
 * itself all count as visible, whatever is done to them.
 */
export async function openRealTabs(): Promise<{
  readonly context: BrowserContext;
  readonly close: () => Promise<void>;
}> {
  const profile = await mkdtemp(join(tmpdir(), "holt-profile-"));
  const flags = ["--headless", "--no-sandbox", "--remote-debugging-port=0", `--user-data-dir=${profile}`];
  const child = spawn(findChromium(process.env), [...chromiumFlags, ...flags, "about:blank"], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const exited = once(child, "exit");
  const address = Promise.withResolvers<string>();
  createInterface(child.stderr).on("line", (line) => {
    const url = /listening on (ws:\S+)/.exec(line)?.[1];
    if (url !== undefined) address.resolve(url);
  });
  void exited.then(() => address.reject(new Error("Chromium ended before it listened")));
  const browser = await chromium.connectOverCDP(await address.promise, { noDefaults: true });
  const [context] = browser.contexts();
  if (context === undefined) throw new Error("a browser without a context");
  return {
    context,
    close: async () => {
      await browser.close();
      child.kill("SIGKILL");
      await exited;
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
