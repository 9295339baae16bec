/**
 * Opens an address that holds a secret. The arguments of a program are seen by everybody on the machine, so the browser is
 * given a file that only its owner can read and that leads on to the address.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

export type Opening = {
  readonly opener: string;
  readonly url: string;
  /** Where the file's folder is made. */
  readonly inDir: string;
  readonly signal: AbortSignal;
  readonly times?: Times;
};

type Times = {
  /** How long an opener is waited for: one that fails says so soon, and one that is the browser itself stays with it. */
  readonly openerMs: number;
  /** How long the file is there: a browser that has to start first reads it late, and nobody says when it has. */
  readonly fileMs: number;
};
const usual: Times = { openerMs: 5_000, fileMs: 20_000 };

/** Null once the opener has taken it; else what became of the opener, and nothing is left behind. Throws what interrupts it. */
export async function openInBrowser(opening: Opening): Promise<string | null> {
  const { opener, url, inDir, signal, times = usual } = opening;
  signal.throwIfAborted();
  // Made for its owner alone.
  const dir = await mkdtemp(join(inDir, "holt-board-"));
  // Before there is a secret in it: whatever becomes of this process, the file goes.
  const remover = removeLater(dir, times.fileMs);
  let isTaken = false;
  try {
    const file = join(dir, "board.html");
    await writeFile(file, pageTo(url), { mode: 0o600 });
    const why = await run({ opener, file, signal, openerMs: times.openerMs });
    isTaken = why === null;
    return why;
  } finally {
    if (!isTaken) {
      remover.kill();
      await rm(dir, { recursive: true, force: true });
    }
  }
}

type Run = {
  readonly opener: string;
  readonly file: string;
  readonly signal: AbortSignal;
  readonly openerMs: number;
};

async function run({ opener, file, signal, openerMs }: Run): Promise<string | null> {
  const patience = AbortSignal.timeout(openerMs);
  // In a group of its own, so that a browser that is the opener outlives this terminal.
  const child = spawn(opener, [file], { stdio: "ignore", detached: true });
  try {
    const [code, by] = await once(child, "exit", { signal: AbortSignal.any([signal, patience]) });
    return code === 0 ? null : `ended with ${String(code ?? by)}`;
  } catch (error) {
    if (signal.aborted) {
      endGroup(child);
      throw signal.reason;
    }
    if (patience.aborted) {
      child.unref();
      return null;
    }
    return error instanceof Error && "code" in error && error.code === "ENOENT"
      ? "is not installed"
      : "could not be started";
  }
}

function endGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGTERM");
  } catch {
    // It has ended by itself.
  }
}

/** By a process of its own, so that nobody waits for it. */
function removeLater(dir: string, fileMs: number): ChildProcess {
  const program = `setTimeout(() => require("node:fs").rmSync(process.argv[1], { recursive: true, force: true }), ${fileMs})`;
  const remover = spawn(process.execPath, ["--eval", program, dir], { detached: true, stdio: "ignore" });
  remover.unref();
  return remover;
}

function pageTo(url: string): string {
  const text = url.replaceAll(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`);
  return `<!doctype html><meta charset="utf-8"><meta name="referrer" content="no-referrer"><meta http-equiv="refresh" content="0;url=${text}"><title>Holt</title><a href="${text}">The board</a>\n`;
}
