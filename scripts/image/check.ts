/**
 * Reads both Dockerfiles against the repository, without Docker: `npm run image:check`. Prints what would be installed, then
 * what is wrong; exits with 1 where anything is.
 */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { contentsOf } from "./contents.ts";
import { parseDockerfile } from "./dockerfile.ts";
import { findingsOfAll, Rules } from "./findings.ts";
import { readSurroundings } from "./surroundings.ts";

const root = process.argv[2] ?? dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const open = (path: string) => parseDockerfile(path, readFileSync(join(root, path), "utf8"));
const images = { harness: open("container/Dockerfile"), ui: open("container/Dockerfile.ui") };

const rows = Object.entries(images).flatMap(([image, file]) =>
  contentsOf(file).map(({ name, version, from }) => [name, short(version) || "-", image, from]),
);
printTable([["program", "version", "image", "from"], ...rows]);
const floating = rows.filter(([, version]) => version === "-").length;
console.log(
  `\n${rows.length} entries; ${floating} have the version of the day of the build, all of them Debian's or our own image.`,
);

const findings = findingsOfAll(images, readSurroundings(root));
for (const { rule, path, text } of findings) console.log(`FAIL ${path}: ${rule}: ${text}`);
console.log(
  `${Object.keys(Rules).length} rules over ${Object.keys(images).length} images, ${findings.length} findings`,
);
process.exitCode = findings.length === 0 ? 0 : 1;

function short(version: string): string {
  return version.replace(/^(sha256:[0-9a-f]{12})[0-9a-f]+$/u, "$1…");
}

function printTable(lines: readonly (readonly string[])[]): void {
  const widths = (lines[0] ?? []).map((_, column) =>
    Math.max(...lines.map((line) => line[column]?.length ?? 0)),
  );
  for (const line of lines) {
    console.log(
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    );
  }
}
