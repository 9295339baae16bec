/** What `holt login` stores, readable by its owner alone. */
import { chmod, mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import * as z from "zod";
import { parseJson } from "../shared/json.ts";
import { misuse, unusable } from "./exit-code.ts";
import type { Io } from "./system.ts";

export const Config = z.looseObject({ url: z.url(), token: z.string().min(1) });
export type Config = z.infer<typeof Config>;

export function configPath({ env, home }: Pick<Io, "env" | "home">): string {
  const base = env["XDG_CONFIG_HOME"] ?? "";
  // The specification has relative paths ignored.
  return join(base.startsWith("/") ? base : join(home, ".config"), "holt", "config.json");
}

export type Stored = { readonly config: Config; readonly isExposed: boolean };

/** Null where there is none; a misuse where it cannot be read. */
export async function readConfig(path: string): Promise<Stored | null> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw unusable(path, "read", error);
  }
  const parsed = Config.safeParse(parseJson(text));
  if (!parsed.success) throw misuse(`${path} is no configuration of holt; \`holt login\` writes a new one`);
  const { mode } = await stat(path);
  return { config: parsed.data, isExposed: (mode & 0o077) !== 0 };
}

/** Whole or not at all; a misuse where it cannot be written. The folder is made for its owner alone; one that exists stays as it is. */
export async function writeConfig(path: string, config: Config): Promise<void> {
  const fresh = `${path}.${process.pid}`;
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeFile(fresh, `${JSON.stringify(config, null, 2)}\n`, { mode: 0o600 });
    // The mode of an open call is cut by the umask, and a left-over keeps its own.
    await chmod(fresh, 0o600);
    await rename(fresh, path);
  } catch (error) {
    await rm(fresh, { force: true }).catch(() => undefined);
    throw unusable(path, "written", error);
  }
}
