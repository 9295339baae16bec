import { execa } from "execa";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectRoot } from "../../../local/stand-ins.ts";

export type Shell = {
  /** Runs a command as a reader would paste it, in one folder with all others. */
  readonly run: (command: string) => Promise<Ran>;
  readonly close: () => Promise<void>;
};

export type Ran = {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  /** Of the last answer that `curl` got. */
  readonly status: number;
  readonly header: (name: string) => string | null;
  /** A file that the command wrote. */
  readonly file: (name: string) => Promise<string>;
};

/** `curl` is the machine's own, and writes down the headers it gets; `holt` is the one of this checkout. */
const prelude = `
curl() { command curl -D headers.txt "$@"; }
npx() { shift 2; "$NODE" "$ROOT/cli/holt.mjs" "$@"; }
`;

export async function openShell(env: Readonly<Record<string, string>>): Promise<Shell> {
  const cwd = await mkdtemp(join(tmpdir(), "holt-commands-"));
  return {
    run: async (command) => {
      const { exitCode, stdout, stderr } = await execa("sh", ["-c", `${prelude}\n${command}`], {
        cwd,
        env: { ...env, NODE: process.execPath, ROOT: projectRoot, HOME: cwd },
        reject: false,
        stripFinalNewline: false,
      });
      const headers = await readFile(join(cwd, "headers.txt"), "utf8").catch(() => "");
      return {
        exitCode,
        stdout,
        stderr,
        status: Number(/^HTTP\/[\d.]+ (\d{3})/.exec(headers)?.[1] ?? 0),
        header: (name) => new RegExp(`^${name}: (.*)\\r$`, "im").exec(headers)?.[1] ?? null,
        file: (name) => readFile(join(cwd, name), "utf8"),
      };
    },
    close: () => rm(cwd, { recursive: true, force: true }),
  };
}
