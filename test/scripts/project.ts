import { existsSync } from "node:fs";
import { chmod, cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { execa } from "execa";

/** A small project with `scripts/run.mjs`, a program for it to run, and a stand-in for npm. */
export type Project = AsyncDisposable & {
  readonly dir: string;
  /** Makes it look as if the lockfile had been installed, with what differs. */
  readonly install: (differing?: Record<string, { readonly version: string }>) => Promise<void>;
  readonly run: (options?: RunOptions) => ReturnType<typeof runIn>;
  /** What npm was asked, call by call. */
  readonly npmCalls: () => Promise<readonly string[]>;
};

type RunOptions = {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Flags of the Node that runs `run.mjs`. */
  readonly flags?: readonly string[];
};

const lock = {
  "": {},
  "node_modules/tool": { version: "1.2.3" },
  "node_modules/elsewhere": { optional: true },
};
const program = `
if (process.argv.includes("--wait")) process.on("SIGTERM", () => process.exit(7)), setInterval(() => {}, 60_000);
console.log(JSON.stringify({ node: process.execPath, args: process.argv.slice(2), path: process.env.PATH }));
process.exitCode = 3;
`;

export async function makeProject(): Promise<Project> {
  const dir = await mkdtemp(join(tmpdir(), "holt-run-"));
  const bin = join(dir, "bin");
  await mkdir(bin);
  await mkdir(join(dir, "scripts"));
  await cp(new URL("../../scripts/run.mjs", import.meta.url), join(dir, "scripts/run.mjs"));
  await cp(new URL("fixtures/npm.mjs", import.meta.url), join(bin, "npm"));
  await chmod(join(bin, "npm"), 0o755);
  await symlink(process.execPath, join(bin, "node"));
  await writeFile(join(dir, "package.json"), '{"type":"module"}');
  await writeFile(join(dir, "package-lock.json"), JSON.stringify({ packages: lock }));
  await writeFile(join(dir, "program.js"), program);
  return {
    dir,
    install: async (differing = {}) => {
      await mkdir(join(dir, "node_modules/.bin"), { recursive: true });
      const packages = { "node_modules/tool": lock["node_modules/tool"], ...differing };
      await writeFile(join(dir, "node_modules/.package-lock.json"), JSON.stringify({ packages }));
      await symlink(process.execPath, join(dir, "node_modules/.bin/node"));
    },
    run: (options) => runIn(dir, options),
    npmCalls: async () => {
      const path = join(dir, "npm-calls");
      return existsSync(path) ? (await readFile(path, "utf8")).trimEnd().split("\n") : [];
    },
    [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }),
  };
}

function runIn(dir: string, { args = [], env = {}, flags = [] }: RunOptions = {}) {
  return execa(process.execPath, [...flags, join(dir, "scripts/run.mjs"), "program.js", ...args], {
    reject: false,
    env: { ...env, PATH: [join(dir, "bin"), process.env["PATH"]].join(delimiter) },
  });
}
