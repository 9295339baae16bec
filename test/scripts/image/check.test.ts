import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { onTestFinished, test } from "vitest";

const root = join(import.meta.dirname, "../../..");
const check = (of: string) => execa("node", [join(root, "scripts/image/check.ts"), of], { reject: false });

test("image:check prints what would be installed and finds nothing in this repository", async ({
  expect,
}) => {
  const { stdout, exitCode } = await check(root);
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/^@openai\/codex +0\.169\.0 +harness +npm$/mu);
  expect(stdout).toMatch(/^chromium +- +ui +Debian, of the day of the build$/mu);
  expect(stdout.split("\n").at(-1)).toMatch(/^\d+ rules over 2 images, 0 findings$/u);
});

test("image:check names what is wrong and exits with 1", async ({ expect }) => {
  const copy = await mkdtemp(join(tmpdir(), "holt-image-"));
  onTestFinished(() => rm(copy, { recursive: true, force: true }));
  for (const path of ["container", "shared", "test/container/fixtures"]) {
    await cp(join(root, path), join(copy, path), { recursive: true });
  }
  for (const path of ["package.json", "package-lock.json", "wrangler.toml", ".dockerignore"]) {
    await cp(join(root, path), join(copy, path));
  }
  const path = join(copy, "container/Dockerfile.ui");
  await writeFile(path, (await readFile(path, "utf8")).replace("serve@${SERVE_VERSION}", "serve@latest"));
  const { stdout, exitCode } = await check(copy);
  expect([exitCode, stdout.split("\n").slice(-2)]).toStrictEqual([
    1,
    [
      "FAIL container/Dockerfile.ui: npm packages are exact: npm package serve has no exact version: latest",
      "13 rules over 2 images, 1 findings",
    ],
  ]);
});
