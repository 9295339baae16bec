import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "vitest";
import { readDockerfile } from "../../local/engine/dockerfile.ts";
import { parseDockerfile, restsOf } from "../../scripts/image/dockerfile.ts";
import { findingsOfAll } from "../../scripts/image/findings.ts";
import { readSurroundings } from "../../scripts/image/surroundings.ts";

const root = join(import.meta.dirname, "../..");
const open = (path: string) => parseDockerfile(path, readFileSync(join(root, path), "utf8"));
const harness = open("container/Dockerfile");
const ui = open("container/Dockerfile.ui");

test("no rule finds anything in the Dockerfiles of this repository", ({ expect }) => {
  expect(findingsOfAll({ harness, ui }, readSurroundings(root))).toStrictEqual([]);
});

test("the steps whose rules look for them are there", ({ expect }) => {
  const runs = [...restsOf(harness, "RUN"), ...restsOf(ui, "RUN")].join("\n");
  for (const step of ["npm ci", "npm install", "useradd", "node container/main.ts", "apt-get install"]) {
    expect(runs).toContain(step);
  }
  expect(restsOf(harness, "COPY").length).toBeGreaterThan(0);
  expect(harness.env.get("NODE_COMPILE_CACHE")).toMatch(/^\/app\//u);
});

test("every library the harness imports is among the installed ones", ({ expect }) => {
  const manifest: { dependencies: Record<string, string> } = JSON.parse(
    readFileSync(join(root, "package.json"), "utf8"),
  );
  const imported = new Set<string>();
  for (const folder of ["container", "shared"]) {
    for (const file of readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })) {
      if (!file.endsWith(".ts") || file.endsWith(".d.ts")) continue;
      const source = readFileSync(join(root, folder, file), "utf8");
      for (const [, name = ""] of source.matchAll(/from "((?:@[^/"]+\/)?[^/".][^/"]*)/gu)) imported.add(name);
    }
  }
  const ours = [...imported].filter((name) => !name.startsWith("node:"));
  expect(ours).toContain("hono");
  for (const name of ours) expect(Object.keys(manifest.dependencies)).toContain(name);
});

test("the engine that stands in for Docker reads the same start from it", ({ expect }) => {
  expect(readDockerfile(harness.text)).toMatchObject({
    entrypoint: ["sh", "container/init.sh"],
    cmd: ["node", "container/main.ts"],
    workdir: "/app",
    port: 8080,
    env: { PORT: "8080", HARNESS_AGENT_USER: "agent" },
  });
  expect(readDockerfile(ui.text)).toMatchObject({ entrypoint: ["sh", "container/init.sh"], port: 8080 });
});
