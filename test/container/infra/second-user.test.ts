import { chmod, lstat } from "node:fs/promises";
import { join } from "node:path";
import { test } from "vitest";
import { account, canSwitch, makeOpenFolder } from "../separation/account.ts";
import { makeFrontend, openSite } from "./site.ts";

test.skipIf(!canSwitch)(
  "everything of a stand-up runs as the agents' user, and ends with it",
  async ({ expect }) => {
    const folder = await makeOpenFolder();
    const site = await openSite({
      folder,
      user: account,
      programs: { pnpm: 'id -u > "$MARKS/uid-$1"; mkdir -p dist; touch dist/index.html' },
    });
    for (const open of [join(folder, "bin"), join(folder, "job")]) await chmod(open, 0o711);
    const infra = await makeFrontend({ envInjection: "runtime", env: { A: "1" } });
    const stood = await site.standUp(infra, { ownsAccount: () => true });
    expect(stood.problem).toBeNull();
    expect((await lstat(join(site.checkout, "dist", "env.js"))).uid).toBe(account.uid);
    expect((await lstat(site.programs.mark("uid-install"))).uid).toBe(account.uid);
    const given = await site.programs.environmentOf("serve -s");
    expect(given).toMatchObject({ USER: account.name, LOGNAME: account.name });
    await stood.close();
    await expect(fetch(`http://localhost:${infra.servePort}`)).rejects.toThrow("fetch failed");
  },
);
