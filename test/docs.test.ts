import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { test } from "vitest";
import { beyondReach, fates } from "../local/load/fates.ts";
import { expectedText } from "../local/load/judge.ts";
import { Endpoints } from "../shared/endpoints.ts";
import { Errors } from "../shared/errors.ts";
import { DeadlineName } from "../shared/job-view.ts";
import { expectedOf, faultNames, phaseNames } from "./e2e/faults/matrix.ts";
import { describeExpected } from "./e2e/faults/observation.ts";
import { MetricNames } from "../worker/metrics/names.ts";

const files = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"])
  .toString()
  .split("\n")
  .filter((file) => file !== "" && existsSync(file));
const documents = files.filter((file) => file.endsWith(".md") && !file.startsWith("local/sample/project/"));

test("every link between documents and files leads somewhere", ({ expect }) => {
  const broken = documents.flatMap((file) =>
    linksIn(file)
      .filter((link) => !leadsSomewhere(file, link))
      .map((link) => `${file}: ${link}`),
  );
  expect(broken).toEqual([]);
});

test("every document is reachable from the README", ({ expect }) => {
  const reached = new Set(["README.md"]);
  for (const file of reached) {
    for (const link of linksIn(file)) {
      const target = targetOf(file, link);
      const page = existsSync(target) && statSync(target).isDirectory() ? join(target, "README.md") : target;
      if (documents.includes(page)) reached.add(page);
    }
  }
  expect(documents.filter((file) => !reached.has(file) && file !== "CHANGELOG.md")).toEqual([]);
});

test("the page of the load has every fate, what it comes to, and what is beyond its reach", ({ expect }) => {
  const rows = read("docs/load.md")
    .split("\n")
    .filter((line) => line.startsWith("| `"))
    .map((line) => line.split("|").map((cell) => cell.trim()));
  const comesTo = (fate: (typeof fates)[number]): string =>
    `${fate.comesTo.kind === "stays" ? "stays: " : ""}${expectedText(fate)}`;
  expect(rows).toEqual([
    ...fates.map((fate) => ["", `\`${fate.name}\``, fate.by, comesTo(fate), ""]),
    ...Object.entries(beyondReach).map(([code, why]) => ["", `\`${code}\``, why, ""]),
  ]);
  expect(read("docs/load.md")).toContain(` ${fates.length} shows\nevery fate once`);
});

test("every npm script that a document names exists", ({ expect }) => {
  const { scripts } = JSON.parse(read("package.json"));
  const named = documents.flatMap((file) =>
    [...read(file).matchAll(/\bnpm (?:run (?<script>[a-z:-]+)|(?<short>start|test)\b)/g)].map(
      ({ groups }) => groups?.["script"] ?? groups?.["short"],
    ),
  );
  expect(named).not.toEqual([]);
  expect([...new Set(named)].filter((name) => !Object.hasOwn(scripts, name ?? ""))).toEqual([]);
});

test("every path in the code font that looks like one of ours exists", ({ expect }) => {
  const ours = /^(?:shared|worker|container|local|scripts|examples|test|docs)\/[\w./-]*$/;
  const named = documents.flatMap((file) =>
    [...withoutFences(read(file)).matchAll(/`([^`\n]+)`/g)]
      .map(([, text = ""]) => text)
      .filter((text) => ours.test(text) && !existsSync(text))
      .map((text) => `${file}: ${text}`),
  );
  expect(named).toEqual([]);
});

test("the page of the fault matrix has every cell once, with the end that the matrix has", ({ expect }) => {
  const rows = read("docs/faults.md")
    .split("\n")
    .filter((line) => /^\| [a-z-]+ \| [a-z]+ \|/.test(line) && !line.startsWith("| fault "))
    .map((line) => line.split(" | ").slice(0, 3).join(" | "));
  const cells = faultNames.flatMap((fault) =>
    phaseNames.map(
      (phase) => `| ${fault} | ${phase} | ${describeExpected(expectedOf(fault, phase)).join(" or ")}`,
    ),
  );
  expect(rows).toEqual(cells);
});

test("the protocol page has every route with its method", ({ expect }) => {
  const [, page = ""] = read("docs/protocol.md").split(/^## /m);
  const missing = Endpoints.filter(({ method, path }) => !page.includes(`| \`${method} ${path}\` |`));
  expect(missing.map(({ method, path }) => `${method} ${path}`)).toEqual([]);
});

test("the protocol page has every error code with its status and retryability, and no other", ({
  expect,
}) => {
  const rows = [...read("docs/protocol.md").matchAll(/^\| `([a-z-]+)` \| (\d{3}) \| (yes|no) \|/gm)].map(
    ([, code, status, retryable]) => `${code} ${status} ${retryable}`,
  );
  const codes = Object.entries(Errors).map(
    ([code, { status, retryable }]) => `${code} ${status} ${retryable ? "yes" : "no"}`,
  );
  expect(rows.toSorted()).toEqual(codes.toSorted());
});

test("the design page has every deadline", ({ expect }) => {
  const design = read("docs/design.md");
  expect(DeadlineName.options.filter((name) => !design.includes(`| \`${name}\` |`))).toEqual([]);
});

test("the storage page has every table and index", ({ expect }) => {
  const page = read("docs/storage.md");
  const schema = ["execution/storage/schema.ts", "admission/store.ts", "board/store.ts"]
    .map((file) => read(`worker/${file}`))
    .join("\n");
  const names = [...schema.matchAll(/CREATE (?:UNIQUE )?(?:TABLE|INDEX) IF NOT EXISTS (\w+)/g)].map(
    ([, name = ""]) => name,
  );
  expect(names.length).toBeGreaterThan(5);
  expect(names.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
});

test("the operations page has every line of the Worker's log with its levels, and no other", ({ expect }) => {
  const written = files
    .filter((file) => file.startsWith("worker/") && file.endsWith(".ts"))
    .flatMap((file) => [...read(file).matchAll(/"(debug|info|warn|error)",\s*"([a-z]+\.[a-z-]+)"/g)])
    .map(([, level = "", event = ""]) => `${event} ${level}`);
  expect(written.length).toBeGreaterThan(50);
  const rows = [...read("docs/operations.md").matchAll(/^\| (`[a-z]+\.[^|]+) \| ([a-z, ]+) \| [^|]+ \|$/gm)];
  const told = rows.flatMap(([, events = "", levels = ""]) =>
    [...events.matchAll(/`([^`]+)`/g)].flatMap(([, event = ""]) =>
      levels.split(", ").map((level) => `${event} ${level}`),
    ),
  );
  expect(told.toSorted()).toEqual([...new Set(written)].toSorted());
});

test("no line of the Worker's log has a name or level that is put together", ({ expect }) => {
  const open =
    /\blog(?:\.child\([^)]*\))?\.write\((?!\s*(?:"(?:debug|info|warn|error)",\s*"[a-z]+\.[a-z-]+"|level, event,))/;
  const hidden = files.filter(
    (file) => file.startsWith("worker/") && file.endsWith(".ts") && open.test(read(file)),
  );
  expect(hidden).toEqual([]);
});

test("the operations page has every metric with its unit, and no other", ({ expect }) => {
  const page = read("docs/operations.md")
    .split(/^## /m)
    .find((section) => section.startsWith("Metrics"));
  const rows = [...(page ?? "").matchAll(/^\| `([a-z-]+)` \| ([a-z]+) \|/gm)].map(
    ([, name, unit]) => `${name} ${unit}`,
  );
  expect(rows.toSorted()).toEqual(
    Object.entries(MetricNames)
      .map(([name, unit]) => `${name} ${unit}`)
      .toSorted(),
  );
});

test("the invariants that the design page claims are shown by tests of that title", ({ expect }) => {
  const claimed = [...read("docs/design.md").matchAll(/^\| (\d+) \| [^|]+ \| `/gm)].map(([, n = ""]) => n);
  const titles = new Set(
    files
      .filter((file) => file.endsWith(".test.ts"))
      .flatMap((file) => [...read(file).matchAll(/invariant (\d+):/g)].map(([, n = ""]) => n)),
  );
  expect(claimed).not.toEqual([]);
  expect(claimed.filter((number) => !titles.has(number))).toEqual([]);
});

test("AGENTS.md fits a screen or two", ({ expect }) => {
  expect(read("AGENTS.md").split("\n").length).toBeLessThanOrEqual(121);
});

test("no text names a path of one machine or the host of a registry", ({ expect }) => {
  const binaries = /\.(?:png|jpg|ico|gz|zip)$/;
  const recordings = /^test\/.*\/fixtures\//;
  const paths = /(?<![\w.])\/(?:root|Users\/\w+|home\/\w+|work)\//;
  const registries = /https?:\/\/[\w.-]*(?:registry|npmjs|artifactory|nexus|mirror)|"resolved":|^registry=/m;
  const found = files
    .filter((file) => !binaries.test(file) && !recordings.test(file) && file !== "test/docs.test.ts")
    .filter(
      (file) =>
        paths.test(read(file)) || registries.test(read(file)) || read(file).includes(`${process.cwd()}/`),
    );
  expect(found).toEqual([]);
});

function read(file: string): string {
  return readFileSync(file, "utf8");
}

function linksIn(file: string): readonly string[] {
  return [...withoutFences(read(file)).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = ""]) => link);
}

function withoutFences(text: string): string {
  return text.replaceAll(/^```[\s\S]*?^```$/gm, "");
}

function targetOf(file: string, link: string): string {
  const path = link.split("#")[0] ?? "";
  return path === "" ? file : normalize(join(dirname(file), path)).replace(/\/$/, "");
}

function leadsSomewhere(file: string, link: string): boolean {
  if (link.startsWith("https://")) return true;
  const target = targetOf(file, link);
  const anchor = link.split("#")[1];
  if (!existsSync(target)) return false;
  return anchor === undefined || anchorsIn(target).includes(anchor);
}

/** As GitHub makes them of headings. */
function anchorsIn(file: string): readonly string[] {
  return [...withoutFences(read(file)).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}
