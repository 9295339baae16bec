/** Puts the three programs, exactly as pinned, into a folder that git ignores. */
import { access, chmod, mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import * as z from "zod";
import { type AgentUnderTest, agentsUnderTest } from "./agents-under-test.ts";

const repository = fileURLToPath(new URL("../..", import.meta.url));

/** Readable by every user of the machine, since agents work as one of their own where the tests run as root. */
export const agentsFolder = join(repository, ".agent-clis");

/** Belongs on PATH once the programs are installed. */
export const installedBin = join(agentsFolder, "bin");

const Manifest = z.looseObject({ version: z.string() });

/** Installs what is missing. */
export async function installAgents(log: (line: string) => void): Promise<void> {
  const missing = await missingAgents();
  if (missing.length === 0) return;
  log(`installing ${missing.map(({ package: name, version }) => `${name}@${version}`).join(", ")} …`);
  await mkdir(agentsFolder, { recursive: true });
  const dependencies = Object.fromEntries(
    agentsUnderTest.map(({ package: name, version }) => [name, version]),
  );
  await writeFile(join(agentsFolder, "package.json"), JSON.stringify({ private: true, dependencies }));
  const options = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  await execa("npm", ["install", ...options], { cwd: agentsFolder, timeout: 600_000, stdin: "ignore" });
  await chmod(agentsFolder, 0o755);
  await rm(installedBin, { recursive: true, force: true });
  await mkdir(installedBin);
  for (const agent of agentsUnderTest) await symlink(programOf(agent), join(installedBin, agent.program));
}

async function missingAgents(): Promise<readonly AgentUnderTest[]> {
  const found = await Promise.all(
    agentsUnderTest.map(async (agent) => ({ agent, version: await installedVersion(agent) })),
  );
  return found.filter(({ agent, version }) => version !== agent.version).map(({ agent }) => agent);
}

async function installedVersion({ package: name, program }: AgentUnderTest): Promise<string | null> {
  const manifest = join(agentsFolder, "node_modules", name, "package.json");
  const isLinked = await access(join(installedBin, program)).then(
    () => true,
    () => false,
  );
  const text = isLinked ? await readFile(manifest, "utf8").catch(() => null) : null;
  return text === null ? null : (Manifest.safeParse(JSON.parse(text)).data?.version ?? null);
}

/** Claude Code's install script copies the binary of its platform's package over a placeholder: it is used where it is. */
function programOf({ kind, program, package: name }: AgentUnderTest): string {
  const modules = join(agentsFolder, "node_modules");
  if (kind !== "claude-code") return join(modules, ".bin", program);
  return join(modules, `${name}-${process.platform}-${process.arch}`, program);
}

/** Where Node itself is: the programs name it in their first line. */
export const nodeFolder = dirname(process.execPath);
