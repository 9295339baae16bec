import { readFileSync, readdirSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { dirname, join, normalize } from "node:path";
import { test } from "vitest";

/** TypeScript 7 has no JavaScript API, so import lines are read as text. */
const importLine =
  /^\s*(?:import|export)\b[^"';]*?\bfrom\s+"([^"]+)"|^\s*import\s+"([^"]+)"|\bimport\("([^"]+)"\)/gm;

const files = trackedAndNew().filter((file) => /\.(ts|tsx|mjs)$/.test(file) && !file.endsWith(".d.ts"));
const sources = files.filter((file) =>
  /^(shared|worker|container|local|cli|scripts|bench|examples)\//.test(file),
);

/** Folder → folders it may import. `local/engine` stands alone. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  shared: [],
  worker: ["shared"],
  // what runs in the browser: its bundle holds nothing of the Worker, and the Worker's nothing of it
  "worker/ui": ["shared"],
  container: ["shared"],
  cli: ["shared"],
  local: ["shared"],
  scripts: ["shared", "local", "worker", "worker/ui"],
  bench: ["shared", "worker", "container", "local", "scripts"],
  // as an embedder does, by the package's name
  examples: [],
};

test("each folder imports only what it may", ({ expect }) => {
  const forbidden = sources.flatMap((file) =>
    relativeImports(file)
      .filter((target) => topOf(target) !== topOf(file) && !mayImport[topOf(file)]?.includes(topOf(target)))
      // a text that is made of `shared`, and served as it is
      .filter((target) => !(file === "worker/index.ts" && target === "docs/openapi.json"))
      .map((target) => `${file} imports ${target}`),
  );
  expect(forbidden).toEqual([]);
});

test("the conformance kit knows no harness from within", ({ expect }) => {
  const inside = files
    .filter((file) => file.startsWith("test/conformance/"))
    .flatMap((file) => relativeImports(file).filter((target) => /^(?:container|worker)\//.test(target)));
  expect(inside).toEqual([]);
});

test("the process engine imports nothing of the rest of the project", ({ expect }) => {
  const outside = sources
    .filter((file) => file.startsWith("local/engine/"))
    .flatMap((file) => relativeImports(file).filter((target) => !target.startsWith("local/engine/")));
  expect(outside).toEqual([]);
});

test("shared imports zod and nothing else from outside", ({ expect }) => {
  const packages = sources
    .filter((file) => file.startsWith("shared/"))
    .flatMap((file) => packageImports(file));
  expect([...new Set(packages)]).toEqual(["zod"]);
});

test("the page imports preact and nothing else from outside", ({ expect }) => {
  const packages = sources
    .filter((file) => file.startsWith("worker/ui/"))
    .flatMap((file) => packageImports(file));
  expect([...new Set(packages)].toSorted()).toEqual(["preact", "preact/hooks"]);
});

test("only the page's system.ts touches storage, address, network and timers", ({ expect }) => {
  const touching = sources.filter(
    (file) =>
      file.startsWith("worker/ui/") &&
      !file.endsWith("/system.ts") &&
      /\b(?:sessionStorage|localStorage|location\.|history\.|fetch\(|setTimeout|setInterval|requestAnimationFrame)/.test(
        withoutComments(read(file)),
      ),
  );
  expect(touching).toEqual([]);
});

test("no text becomes markup on the page", ({ expect }) => {
  const marking = sources.filter(
    (file) =>
      file.startsWith("worker/ui/") &&
      /innerHTML|outerHTML|insertAdjacentHTML|document\.write/.test(read(file)),
  );
  expect(marking).toEqual([]);
});

test("the command imports Node's own modules, zod, and what reads YAML", ({ expect }) => {
  const packages = sources
    .filter((file) => file.startsWith("cli/"))
    .flatMap((file) => packageImports(file))
    .filter((name) => !name.startsWith("node:"));
  expect([...new Set(packages)].toSorted()).toEqual(["yaml", "zod"]);
});

test("only the command's system.ts touches the process and its streams", ({ expect }) => {
  const touching = sources.filter(
    (file) =>
      file.startsWith("cli/") &&
      file.endsWith(".ts") &&
      !file.endsWith("/system.ts") &&
      /\bprocess\.(?:stdout|stderr|stdin|env|exit|on|once)\b/.test(
        withoutComments(read(file)).replaceAll("typeof process.", ""),
      ),
  );
  expect(touching).toEqual([]);
});

test("examples import Node's own modules and the package's embedding surface, by its name", ({ expect }) => {
  const packages = sources
    .filter((file) => file.startsWith("examples/"))
    .flatMap((file) => packageImports(file))
    .filter((name) => !name.startsWith("node:"));
  expect([...new Set(packages)]).toEqual(["holt/embed"]);
});

test("roles are data of whoever dispatches: nothing that carries jobs out knows one by its name", ({
  expect,
}) => {
  const inUse = readdirSync("examples/roles", { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const names = [...inUse.map(({ name }) => name), "investigator", "reviewer", "spec-writers", "blueprints"];
  const named = new RegExp(`\\b(${names.map((name) => name.replace("-", "[ _-]?")).join("|")})\\b`, "i");
  // a folder of the repository that agents are pointed to, and a text that clients know
  const contract = /`blueprints\/[^`]*`|the bootstrapper agent/g;
  const knowing = trackedAndNew()
    .filter((file) => /^(container|worker|shared)\//.test(file))
    .flatMap((file) =>
      read(file)
        .replaceAll("\\`", "`")
        .replaceAll(contract, "")
        .replaceAll(/([a-z])([A-Z])/g, "$1-$2")
        .split("\n")
        .filter((line) => named.test(line))
        .map((line) => `${file}: ${line.trim()}`),
    );
  expect(knowing).toEqual([]);
});

test("zod is imported as a namespace, which bundles a quarter of the size", ({ expect }) => {
  const named = files.filter((file) => /import\s+(type\s+)?\{[^}]*\}\s+from\s+"zod"/.test(read(file)));
  expect(named).toEqual([]);
});

test("no import cycles", ({ expect }) => {
  const graph = new Map(sources.map((file) => [file, relativeImports(file)]));
  expect(cyclesIn(graph)).toEqual([]);
});

test("no file of code is longer than 400 lines", ({ expect }) => {
  const long = files.filter((file) => codeLines(read(file)) > 400);
  expect(long).toEqual([]);
});

test("the first level of worker/execution stays within its bound, and no file below it is long", ({
  expect,
}) => {
  const all = files.filter((file) => file.startsWith("worker/execution/"));
  const level = all.filter((file) => file.split("/").length === 3);
  expect(level.length).toBeGreaterThan(0);
  expect(level.length).toBeLessThanOrEqual(16);
  expect(level.reduce((sum, file) => sum + allLines(read(file)), 0)).toBeLessThanOrEqual(2_100);
  expect(all.filter((file) => allLines(read(file)) > 250)).toEqual([]);
});

test("only a system.ts reads the clock or draws randomness", ({ expect }) => {
  const reading = /\bDate\.now\(|\bMath\.random\(|\bnew Date\(\)|\bcrypto\.randomUUID\(|\brandomUUID\(/;
  const readers = sources.filter(
    (file) =>
      /^(worker|container|shared|cli)\//.test(file) &&
      !file.endsWith("/system.ts") &&
      reading.test(withoutComments(read(file))),
  );
  expect(readers).toEqual([]);
});

test("every disabled rule gives its reason", ({ expect }) => {
  const silent = files.flatMap((file) =>
    read(file)
      .split("\n")
      .filter(
        (line) => /(?:ox|es)lint-disable/.test(line) && !line.includes(" -- ") && !line.includes("|es)lint"),
      )
      .map((line) => `${file}: ${line.trim()}`),
  );
  expect(silent).toEqual([]);
});

test("nothing is left to do in the code, and no test is skipped or alone", ({ expect }) => {
  const marks = new RegExp(
    `\\b(${["TO", "FIX"].map((half) => half + (half === "TO" ? "DO" : "ME")).join("|")})\\b`,
  );
  const left = files.filter(
    (file) =>
      marks.test(read(file)) || /\b(test|it|describe)\.(skip|only|todo)\(/.test(withoutComments(read(file))),
  );
  expect(left.filter((file) => file !== "test/architecture.test.ts")).toEqual([]);
});

function trackedAndNew(): string[] {
  const list = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
    encoding: "utf8",
  });
  return list.split("\n").filter((file) => file !== "" && !file.startsWith("local/sample/project/"));
}

function read(file: string): string {
  return readFileSync(file, "utf8");
}

function importsOf(file: string): string[] {
  return [...withoutComments(read(file)).matchAll(importLine)].flatMap(
    (match) => match[1] ?? match[2] ?? match[3] ?? [],
  );
}

function relativeImports(file: string): string[] {
  return importsOf(file)
    .filter((target) => target.startsWith("."))
    .map((target) => normalize(join(dirname(file), target)));
}

function packageImports(file: string): string[] {
  return importsOf(file).filter((target) => !target.startsWith("."));
}

function topOf(file: string): string {
  if (file.startsWith("worker/ui/")) return "worker/ui";
  return file.split("/")[0] ?? file;
}

function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\//g, "").replaceAll(/^\s*\/\/.*$/gm, "");
}

function codeLines(text: string): number {
  return withoutComments(text)
    .split("\n")
    .filter((line) => line.trim() !== "").length;
}

function allLines(text: string): number {
  return text.trimEnd().split("\n").length;
}

/** Each cycle once, as the path that closes it. */
function cyclesIn(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) {
      found.push([...path.slice(path.indexOf(file)), file].join(" → "));
      return;
    }
    if (done.has(file)) return;
    for (const target of graph.get(file) ?? []) visit(target, [...path, file]);
    done.add(file);
  };
  for (const file of graph.keys()) visit(file, []);
  return found;
}
