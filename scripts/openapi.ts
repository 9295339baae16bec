/**
 * Writes `docs/openapi.json` from the endpoint table and the schemas. With `--check` it writes nothing and exits 1 where
 * the committed file is not what would be written.
 */

import { readFile, writeFile } from "node:fs/promises";
import * as z from "zod";
import { openapiDocument } from "../shared/openapi.ts";

const file = new URL("../docs/openapi.json", import.meta.url);
const manifest = await readFile(new URL("../package.json", import.meta.url), "utf8");
const { version } = z.looseObject({ version: z.string() }).parse(JSON.parse(manifest));
const text = `${JSON.stringify(openapiDocument(version), null, 2)}\n`;

if (!process.argv.includes("--check")) {
  await writeFile(file, text);
} else if ((await readFile(file, "utf8").catch(() => "")) !== text) {
  console.error("docs/openapi.json is stale: run `node scripts/openapi.ts` and commit it");
  process.exitCode = 1;
}
