import { test } from "vitest";
import { openBootstrap } from "../flows/bootstrap-studio.ts";
import { openMergeJob, resolve } from "../flows/merge-studio.ts";
import { account, canSwitch } from "./account.ts";

test.skipIf(!canSwitch)(
  "conflicts that an agent with an account of its own resolved are merged and pushed",
  async ({ expect }) => {
    const studio = await openMergeJob({
      user: account,
      agent: `test "$(id -u)" = ${account.uid} || exit 3; umask 077; ${resolve}; git add README.md; say ok`,
    });
    expect(await studio.run()).toMatchObject({ state: "done", result: { pushed: true } });
    expect(await studio.host.inRepository("show", "cat/1:README.md")).toBe("hello branch and base");
    expect(await studio.host.inRepository("show", "cat/1:new.txt")).toBe("new");
  },
);

for (const fromScratch of [true, false]) {
  test.skipIf(!canSwitch)(
    `a new repository ${fromScratch ? "from scratch" : "from a reference"} has what an agent with an account of its own made and locked`,
    async ({ expect }) => {
      const studio = await openBootstrap({
        user: account,
        fromScratch,
        agent: `
test "$(id -u)" = ${account.uid} || exit 3
umask 077
rm -f README.md
git init -q web; echo web > web/index.html
mkdir locked; echo x > locked/x.txt; chmod 000 locked/x.txt locked
say ok`,
      });
      expect(await studio.run()).toMatchObject({ state: "done", result: { defaultBranch: "main" } });
      expect(await studio.filesOfTarget()).toEqual(["locked/x.txt", "web/index.html"]);
    },
  );
}
