import { execa } from "execa";
import { readFile } from "node:fs/promises";
import { test } from "vitest";

const root = new URL("../../", import.meta.url);

test("the committed description is the one the schemas give", async ({ expect }) => {
  const { exitCode, stderr } = await execa(process.execPath, ["scripts/openapi.ts", "--check"], {
    cwd: root,
    reject: false,
  });
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
});

test("the Worker names the package's version", async ({ expect }) => {
  const source = await readFile(new URL("worker/version.ts", root), "utf8");
  const manifest = await readFile(new URL("package.json", root), "utf8");
  const version = /"version": "([^"]+)"/.exec(manifest)?.[1];
  expect(source).toContain(`VERSION = "${version}"`);
});
