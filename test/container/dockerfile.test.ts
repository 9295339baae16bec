import { existsSync, readFileSync, readdirSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa, execaSync } from "execa";
import { test } from "vitest";
import { readDockerfile } from "../../local/engine/dockerfile.ts";
import { makeFolder } from "./job-folder.ts";
import { instructionsOf, pairsOf, restsOf } from "./dockerfile/instructions.ts";

const root = join(import.meta.dirname, "../..");
const text = readFileSync(join(root, "container/Dockerfile"), "utf8");
const instructions = instructionsOf(text);
const args = pairsOf(restsOf(instructions, "ARG"));
const env = pairsOf(restsOf(instructions, "ENV"));
const runs = restsOf(instructions, "RUN");

test("the base is Node 24 on bookworm, pinned by digest through an argument", ({ expect }) => {
  expect(args.get("NODE_IMAGE")).toMatch(/^node:24-bookworm-slim@sha256:[0-9a-f]{64}$/);
  expect(restsOf(instructions, "FROM")).toStrictEqual(["${NODE_IMAGE}"]);
});

test("the agents in the image are those whose recorded runs are read here", ({ expect }) => {
  const versionsOf = (agent: string): readonly string[] => [
    ...new Set(
      readdirSync(join(root, "test/container/fixtures", agent)).map((name) => name.split("-")[0] ?? ""),
    ),
  ];
  expect(versionsOf("pi")).toStrictEqual([args.get("PI_VERSION")]);
  expect(versionsOf("claude-code")).toStrictEqual([args.get("CLAUDE_CODE_VERSION")]);
  expect(versionsOf("codex")).toStrictEqual([args.get("CODEX_VERSION")]);
});

test("the agent in the image is the one that is tested here", ({ expect }) => {
  const manifest: unknown = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  expect(manifest).toMatchObject({
    devDependencies: { "@earendil-works/pi-coding-agent": args.get("PI_VERSION") },
  });
  expect(runs.join("\n")).toContain('"@earendil-works/pi-coding-agent@${PI_VERSION}"');
});

test("everything npm installs has an exact version and runs no install script", ({ expect }) => {
  const installs = runs.filter((run) => /\bnpm (?:ci|install)\b/u.test(run));
  expect(installs).toHaveLength(3);
  for (const run of installs) expect(run).toContain("--ignore-scripts");
  expect(runs.join("\n")).not.toMatch(/@(?:latest|next)\b|curl[^|]*\|\s*(?:ba)?sh/u);
});

test("the harness is root in its container, and agents have an account that is not", ({ expect }) => {
  expect(restsOf(instructions, "USER")).toStrictEqual([]);
  const user = env.get("HARNESS_AGENT_USER");
  const made = runs.find((run) => run.includes("useradd"));
  expect(made).toMatch(new RegExp(`useradd [^&]*--uid [1-9]\\d+ [^&]*\\b${user}\\b`, "u"));
  expect(made).not.toMatch(/--groups|-G |--non-unique|sudo|--password/u);
  expect(runs.join("\n")).not.toMatch(/\bsudo\b|chown|chmod [^&]*[+u]s/u);
});

test("no secret and no production mode stand in the environment of what runs", ({ expect }) => {
  for (const name of [...env.keys(), ...args.keys()]) {
    expect(name).not.toMatch(/SECRET|TOKEN|PASSWORD|CREDENTIAL|_KEY$|^NODE_ENV$/u);
  }
});

test("what Node compiled while the image was built is found when it runs", ({ expect }) => {
  const at = (keyword: string, text: string): number =>
    instructions.findIndex((each) => each.keyword === keyword && each.rest.includes(text));
  expect(env.get("NODE_COMPILE_CACHE")).toMatch(/^\/app\//u);
  const warmed = at("RUN", "node container/main.ts");
  expect(warmed).toBeGreaterThan(at("ENV", "NODE_COMPILE_CACHE"));
  expect(warmed).toBeGreaterThan(at("ENV", "HARNESS_AGENT_USER"));
  expect(warmed).toBeGreaterThan(at("COPY", "container"));
});

test("every copied path exists and reaches the builder", ({ expect }) => {
  const ignored = readFileSync(join(root, ".dockerignore"), "utf8").split("\n");
  const admitted = new Set(ignored.filter((line) => line.startsWith("!")).map((line) => line.slice(1)));
  const sources = restsOf(instructions, "COPY").flatMap((rest) => rest.split(/\s+/u).slice(0, -1));
  expect(sources.length).toBeGreaterThan(0);
  for (const source of sources) {
    expect([source, existsSync(join(root, source)), admitted.has(source)]).toStrictEqual([
      source,
      true,
      true,
    ]);
  }
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
  expect(readDockerfile(text)).toMatchObject({
    entrypoint: ["sh", "container/init.sh"],
    cmd: ["node", "container/main.ts"],
    workdir: "/app",
    port: 8080,
    env: { PORT: "8080" },
  });
});

const initScript = join(root, "container/init.sh");
const program = ["sh", "-c", 'echo "$1"; exit 7', "x", "two words"] as const;

test("the start script passes arguments and the exit code through", async ({ expect }) => {
  const { stdout, exitCode } = await execa("sh", [initScript, ...program], { reject: false });
  expect([stdout, exitCode]).toStrictEqual(["two words", 7]);
});

/** A table of processes of its own, as a container has; not every machine lets everybody make one. */
const ownTable = ["--user", "--map-root-user", "--pid", "--fork", "--mount-proc"];
const canOwnTable = execaSync("unshare", [...ownTable, "true"], { reject: false }).exitCode === 0;

test.skipIf(!canOwnTable)(
  "as the first process the start script puts an init before the program",
  async ({ expect }) => {
    const folder = await makeFolder();
    await writeFile(join(folder, "tini"), '#!/bin/sh\necho "init $$ $1"\nshift\nexec "$@"\n', {
      mode: 0o755,
    });
    const env = { PATH: `${folder}:${process.env["PATH"]}` };
    const { stdout, exitCode } = await execa("unshare", [...ownTable, "sh", initScript, ...program], {
      env,
      reject: false,
    });
    expect([stdout, exitCode]).toStrictEqual(["init 1 --\ntwo words", 7]);
  },
);
