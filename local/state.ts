/** What `npm start` keeps between starts, and the mark by which a second start finds the first. */
import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";

const Secrets = z.object({
  token: z.string(),
  sealingKey: z.string(),
  gitToken: z.string(),
  modelToken: z.string(),
});
export type Secrets = z.infer<typeof Secrets>;

const Running = z.object({ pid: z.int(), url: z.string() });
export type Running = z.infer<typeof Running>;

export type LocalState = {
  readonly dir: string;
  readonly secrets: Secrets;
};

/** Opens the state folder, making its secrets at the first start. Files with secrets are readable by their owner only. */
export function openState(dir: string, fresh: boolean): LocalState {
  if (fresh) rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const path = join(dir, "secrets.json");
  if (!existsSync(path)) {
    const token = (): string => randomBytes(24).toString("base64url");
    const made: Secrets = {
      token: `holt_${token()}`,
      sealingKey: randomBytes(32).toString("base64"),
      gitToken: `git_${token()}`,
      modelToken: `model_${token()}`,
    };
    writeFileSync(path, JSON.stringify(made), { mode: 0o600 });
  }
  chmodSync(path, 0o600);
  return { dir, secrets: Secrets.parse(JSON.parse(readFileSync(path, "utf8"))) };
}

/** The start that holds this folder, if its process lives. */
export function runningOn(dir: string): Running | null {
  const path = join(dir, "running.json");
  if (!existsSync(path)) return null;
  const running = Running.safeParse(JSON.parse(readFileSync(path, "utf8")));
  return running.success && isAlive(running.data.pid) ? running.data : null;
}

export function markRunning(dir: string, running: Running): void {
  writeFileSync(join(dir, "running.json"), JSON.stringify(running));
}

export function unmarkRunning(dir: string): void {
  rmSync(join(dir, "running.json"), { force: true });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false; // ESRCH: nobody there. EPERM cannot be: the folder is readable by its owner only.
  }
}
