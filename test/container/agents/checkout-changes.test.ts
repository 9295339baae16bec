import { appendFile, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "vitest";
import { watchCheckout } from "../../../container/agents/guard/checkout-changes.ts";
import { makeFolder } from "../job-folder.ts";

test("a file that is edited as soon as the watch stands is a change", async ({ expect }) => {
  for (let times = 0; times < 20; times += 1) {
    const folder = await makeFolder();
    const file = join(folder, "checkout", "file");
    await mkdir(join(folder, "checkout"));
    await writeFile(file, "here");
    const watch = await watchCheckout(join(folder, "checkout"), join(folder, "began"));
    await appendFile(file, ", and more");
    expect(await watch.hasChanged()).toBe(true);
  }
});

test("wherever it lies, a file that is deleted as soon as the watch stands is a change", async ({
  expect,
}) => {
  const folders = Array.from({ length: 200 }, (_, n) => `folder-${n}`);
  for (const deleted of [folders.at(0) ?? "", folders.at(-1) ?? ""]) {
    const folder = await makeFolder();
    const checkout = join(folder, "checkout");
    for (const name of folders) {
      await mkdir(join(checkout, name), { recursive: true });
      await writeFile(join(checkout, name, "file"), "here");
    }
    const watch = await watchCheckout(checkout, join(folder, "began"));
    await rm(join(checkout, deleted, "file"));
    expect(await watch.hasChanged()).toBe(true);
  }
});
