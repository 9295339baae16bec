/** How another project gets at the embedding surface: what docs/embedding.md says of it. */

import { cp, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { test } from "vitest";
import { makeFolder } from "../job-folder.ts";

const project = new URL("../../../", import.meta.url).pathname.replace(/\/$/, "");
const program = `import { drivers } from "holt/embed";\nconsole.log(Object.keys(drivers).join(" "));\n`;

async function makeEmbedder(folder: string): Promise<{ readonly modules: string; readonly main: string }> {
  const modules = join(folder, "embedder", "node_modules");
  const main = join(folder, "embedder", "main.mjs");
  await mkdir(modules, { recursive: true });
  await writeFile(main, program);
  return { modules, main };
}

const run = (main: string) => execa(process.execPath, [main], { reject: false, stdin: "ignore" });

test("a project that links the checkout imports it by the package's name", async ({ expect }) => {
  const { modules, main } = await makeEmbedder(await makeFolder());
  await symlink(project, join(modules, "holt"));
  expect((await run(main)).stdout).toBe("pi claude-code codex");
});

test("a project that copies the sources into node_modules is refused by Node", async ({ expect }) => {
  const { modules, main } = await makeEmbedder(await makeFolder());
  for (const name of ["container", "shared", "package.json"]) {
    await cp(join(project, name), join(modules, "holt", name), { recursive: true });
  }
  const { exitCode, stderr } = await run(main);
  expect(exitCode).toBe(1);
  expect(stderr).toContain("ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING");
});

test("nothing but the embedding surface is to be had by the package's name", async ({ expect }) => {
  const { modules, main } = await makeEmbedder(await makeFolder());
  await symlink(project, join(modules, "holt"));
  await writeFile(main, `import "holt/container/main.ts";\n`);
  expect((await run(main)).stderr).toContain("ERR_PACKAGE_PATH_NOT_EXPORTED");
});

test("the page on embedding names every value of the surface", async ({ expect }) => {
  const page = await readFile(join(project, "docs/embedding.md"), "utf8");
  const surface = Object.keys(await import("../../../container/embed.ts"));
  expect(surface.filter((name) => !page.includes(`| \`${name}\` |`))).toEqual([]);
});
