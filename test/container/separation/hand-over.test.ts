import { existsSync } from "node:fs";
import { link, lstat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "vitest";
import { addProgram, checkoutOf, openExplore } from "../flows/explore-studio.ts";
import { account, canSwitch } from "./account.ts";

const infra = {
  kind: "service",
  environment: "local",
  composePath: "compose.yml",
  noInfraDependencies: false,
} as const;

test.skipIf(!canSwitch)(
  "what an install puts into the checkout is not given to the agent as well",
  async ({ expect }) => {
    const studio = await openExplore({
      user: account,
      files: { "compose.yml": "services: {}\n" },
      job: { infra },
      agent: "id -u > by-the-agent; say ok",
    });
    const ofRoot = join(studio.folder, "of-root");
    await writeFile(ofRoot, "kept");
    const go = join(studio.folder, "go");
    await addProgram(studio, "docker", `touch begun; until test -f ${go}; do sleep 0.02; done`);
    const running = studio.run();
    const checkout = checkoutOf(studio);
    await expect.poll(() => existsSync(join(checkout, "begun"))).toBe(true);
    // where the kernel protects links only root can do this
    await link(ofRoot, join(checkout, "linked"));
    await studio.letGo();
    expect(await running).toMatchObject({ state: "done" });
    expect((await lstat(join(checkout, "by-the-agent"))).uid).toBe(account.uid);
    expect((await lstat(ofRoot)).uid).toBe(0);
  },
);
