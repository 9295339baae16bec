/** What the rules compare the Dockerfiles with: the repository they stand in. */

import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { memberOf } from "../../shared/json.ts";

export type Surroundings = {
  readonly exists: (path: string) => boolean;
  /** Whether .dockerignore lets it through to the builder. */
  readonly reachesBuilder: (path: string) => boolean;
  /** Names of environment variables that harness and start scripts read. */
  readonly readsVariable: (name: string) => boolean;
  /** The packages of agents with the versions whose recorded runs are read in the tests. */
  readonly testedAgents: ReadonlyMap<string, readonly string[]>;
  /** Direct dependencies of both kinds, as in package.json. */
  readonly dependencies: ReadonlyMap<string, string>;
  /** Paths to their Dockerfiles that wrangler.toml names. */
  readonly deployed: readonly string[];
};

const recordings = {
  pi: "@earendil-works/pi-coding-agent",
  "claude-code": "@anthropic-ai/claude-code",
  codex: "@openai/codex",
} as const;

export function readSurroundings(root: string): Surroundings {
  const read = (path: string): string => readFileSync(join(root, path), "utf8");
  const ignored = read(".dockerignore").split("\n");
  const admitted = new Set(ignored.filter((line) => line.startsWith("!")).map((line) => line.slice(1)));
  const sources = filesBelow(root, "container", /\.(?:ts|sh)$/u)
    .map(read)
    .join("\n");
  const manifest: unknown = JSON.parse(read("package.json"));
  return {
    exists: (path) => existsSync(join(root, path)),
    reachesBuilder: (path) => admitted.has(path),
    readsVariable: (name) => new RegExp(`\\b${name}\\b`, "u").test(sources),
    testedAgents: new Map(
      Object.entries(recordings).map(([folder, name]) => [name, versionsIn(root, folder)]),
    ),
    dependencies: new Map([...textsIn(manifest, "dependencies"), ...textsIn(manifest, "devDependencies")]),
    deployed: [...read("wrangler.toml").matchAll(/^dockerfile = "\.\/([^"]+)"/gmu)].map(
      ([, path = ""]) => path,
    ),
  };
}

function filesBelow(root: string, folder: string, name: RegExp): readonly string[] {
  const found = readdirSync(join(root, folder), { recursive: true, encoding: "utf8" });
  return found.filter((path) => name.test(path)).map((path) => join(folder, path));
}

function versionsIn(root: string, agent: string): readonly string[] {
  const names = readdirSync(join(root, "test/container/fixtures", agent));
  return [...new Set(names.map((name) => name.split("-")[0] ?? ""))];
}

function textsIn(value: unknown, key: string): readonly (readonly [string, string])[] {
  return Object.entries(memberOf(value, key) ?? {}).map(([name, version]) => [name, String(version)]);
}
