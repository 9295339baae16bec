/**
 * Bundles the command into one file for Node 20 and later, `dist/holt.js`, with a manifest beside it, so that
 * `npm pack ./dist` makes a package without dependencies.
 */
import { build } from "esbuild";
import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as z from "zod";

const Manifest = z.looseObject({ name: z.string(), version: z.string(), license: z.string() });

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = process.argv[2] ?? join(root, "dist");
const { name, version, license } = Manifest.parse(
  JSON.parse(await readFile(join(root, "package.json"), "utf8")),
);

await rm(dist, { recursive: true, force: true });
await mkdir(dist, { recursive: true });
await build({
  entryPoints: [join(root, "cli", "main.ts")],
  outfile: join(dist, "holt.js"),
  bundle: true,
  // Not "node": packages then give their CommonJS, which cannot be part of a module that calls Node's own.
  platform: "neutral",
  mainFields: ["module", "main"],
  external: ["node:*"],
  format: "esm",
  target: "node20",
  // Lines stay lines, so that the stack of a defect can be read.
  minifySyntax: true,
  banner: { js: "#!/usr/bin/env node" },
  logLevel: "warning",
});
const manifest = {
  name,
  version,
  private: true,
  description: "The command of Holt",
  license,
  type: "module",
  bin: { holt: "holt.js" },
  files: ["holt.js"],
  engines: { node: ">=20" },
};
await writeFile(join(dist, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
await copyFile(join(root, "LICENSE"), join(dist, "LICENSE"));
await copyFile(join(root, "docs", "cli.md"), join(dist, "README.md"));
