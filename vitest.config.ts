import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";
import { bundleUi } from "./scripts/ui/bundle.ts";

// workerd is given the page's files when the plugin starts
await bundleUi();

/** What is waited for by asking again may take as long as a busy machine needs: vitest's own second is too short for it. */
const patient = { poll: { timeout: 25_000 } };

/** Plain Node for everything but the Worker, workerd for the Worker; `e2e` and `browser` drive both through the process engine. */
export default defineConfig({
  test: {
    // vitest leaves a core to itself; these files mostly wait for processes of their own.
    maxWorkers: 2,
    // tests of one file that run beside each other hold a harness each, with jobs of its own
    maxConcurrency: 3,
    projects: [
      {
        test: {
          name: "node",
          expect: patient,
          include: [
            "test/{shared,worker-core,simulation,container,local,cli,ui,scripts,examples,conformance}/**/*.test.ts",
            "test/*.test.ts",
          ],
          exclude: ["test/cli/live/**"],
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      },
      {
        plugins: [cloudflareTest({ wrangler: { configPath: "./test/worker/wrangler.toml" } })],
        test: {
          name: "workerd",
          expect: patient,
          include: ["test/worker/**/*.test.ts"],
          testTimeout: 30_000,
          // One workerd for all files; each resets what it stored.
          isolate: false,
        },
      },
      {
        test: {
          name: "e2e",
          expect: patient,
          include: ["test/e2e/**/*.test.ts", "test/cli/live/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        // Needs a Chromium of the machine: `npm run test:browser`, no part of `npm test`.
        test: {
          name: "browser",
          expect: patient,
          include: ["test/browser/**/*.test.ts"],
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
