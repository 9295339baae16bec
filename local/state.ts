/** What `npm start` keeps between starts: folders readable by their owner only, and the secrets of this machine. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { parseJson } from "../shared/json.ts";
import { randomKey, randomToken } from "./system.ts";

const Secrets = z.object({
  token: z.string(),
  sealingKey: z.string(),
  gitToken: z.string(),
  modelToken: z.string(),
});
export type Secrets = z.infer<typeof Secrets>;

export type LocalState = {
  readonly secrets: Secrets;
  /** The Worker's storage. */
  readonly workerDir: string;
  /** This start's own. */
  readonly temporaryDir: string;
};

/** Makes the folder. Files with secrets are readable by their owner only, and so is everything below. */
export function makeStateDir(dir: string): void {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  chmodSync(dir, 0o700);
}

/** Opens the state of the start that holds the folder. Throws where its secrets cannot be read. */
export function openState(dir: string, fresh: boolean): LocalState {
  // By name: a folder that was pointed at by mistake keeps what is not ours.
  const forgotten = fresh ? [...kept, ...lent] : lent;
  for (const name of forgotten) rmSync(join(dir, name), { recursive: true, force: true });
  const secrets = openSecrets(join(dir, "secrets.json"));
  mkdirSync(join(dir, "tmp"), { mode: 0o700 });
  const temporaryDir = mkdtempSync(join(dir, "tmp", "start-"));
  return { secrets, workerDir: join(dir, "worker"), temporaryDir };
}

/** Replaces a file whole, so that nobody reads half of it, with a mode for its owner only. */
export function writePrivately(path: string, text: string): void {
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, text, { mode: 0o600 });
  renameSync(draft, path);
}

const kept = ["secrets.json", "worker", "repositories", "config"] as const;
/** Of one start, and what one that was killed may have left. */
const lent = ["containers", "tmp", "metrics.jsonl"] as const;

function openSecrets(path: string): Secrets {
  if (!existsSync(path)) {
    const made: Secrets = {
      token: `holt_${randomToken()}`,
      sealingKey: randomKey(),
      gitToken: `git_${randomToken()}`,
      modelToken: `model_${randomToken()}`,
    };
    writePrivately(path, JSON.stringify(made));
  }
  chmodSync(path, 0o600);
  const read = Secrets.safeParse(parseJson(readFileSync(path, "utf8")));
  if (!read.success) throw new Error(`${path} cannot be read; \`npm start -- --fresh\` makes a new one`);
  return read.data;
}
