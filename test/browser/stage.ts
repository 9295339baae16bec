import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { expect, test as base } from "vitest";
import { chromiumFlags, findChromium } from "../../local/chromium.ts";
import { openWorld, type World, type WorldOptions } from "../e2e/world.ts";
import { type Faults, watchFaults } from "./faults.ts";

/** A page opened as a person opens it, and watched from its first request on. */
export type View = {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly faults: Faults;
};

export type ViewOptions = {
  /** Path and query; default: the board. */
  readonly path?: string;
  /** Null: none is brought along. Default: one with the scope `dispatch`. */
  readonly token?: string | null;
  /** Another address of the Worker, such as a relay's. */
  readonly url?: string;
  readonly widthPx?: number;
  readonly heightPx?: number;
  readonly theme?: "light" | "dark";
  readonly reducedMotion?: boolean;
  /** The page's time runs as it does, and can be set forward by `page.clock`. */
  readonly ownTime?: boolean;
};

export type Stage = {
  readonly world: World;
  readonly browser: Browser;
  readonly open: (options?: ViewOptions) => Promise<View>;
};

/** A browser before a world. */
export async function openStage(world: World): Promise<Stage & { readonly close: () => Promise<void> }> {
  const browser = await chromium.launch({
    executablePath: findChromium(process.env),
    args: [...chromiumFlags],
  });
  return {
    world,
    browser,
    open: async ({
      path = "/",
      token = world.secrets.token,
      url = world.url,
      widthPx = 1280,
      heightPx = 900,
      theme = "light",
      reducedMotion = false,
      ownTime = false,
    } = {}) => {
      const context = await browser.newContext({
        viewport: { width: widthPx, height: heightPx },
        colorScheme: theme,
        reducedMotion: reducedMotion ? "reduce" : "no-preference",
        locale: "en-GB",
        timezoneId: "UTC",
      });
      const faults = await watchFaults(context, url);
      // A machine may be busy; how long a test may take is said once, for all of it.
      context.setDefaultTimeout(0);
      const page = await context.newPage();
      if (ownTime) await page.clock.install();
      await page.goto(new URL(token === null ? path : `${path}#token=${token}`, url).href);
      return { page, context, faults };
    },
    close: () => browser.close(),
  };
}

/**
 * The `test` of a file: `stage` lives as long as its tests; what one of them opens with `open` is closed at its end, and
 * must have kept to its own origin, its policy and silence, whatever the test was about.
 */
export function testWith(options: WorldOptions | (() => Promise<World>) = {}) {
  return (
    base
      // oxlint-disable-next-line no-empty-pattern -- vitest reads from the pattern which fixtures it needs
      .extend("stage", { scope: "file" }, async ({}, { onCleanup }): Promise<Stage> => {
        const world = await (typeof options === "function" ? options() : openWorld(options));
        const stage = await openStage(world).catch(async (error: unknown) => {
          await world.close();
          throw error;
        });
        onCleanup(async () => {
          await stage.close();
          await world.close();
        });
        return stage;
      })
      .extend("open", async ({ stage }, { onCleanup }): Promise<Stage["open"]> => {
        const views: View[] = [];
        onCleanup(async () => {
          const faults = views.flatMap((view) => view.faults.list());
          for (const { context } of views) await context.close();
          expect(faults).toEqual([]);
        });
        return async (asked) => {
          const view = await stage.open(asked);
          views.push(view);
          return view;
        };
      })
  );
}
