/**
 * Opens an address that holds a secret. The arguments of a program are seen by everybody on the machine, so the browser is
 * given a file that only its owner can read and that leads on to the address.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A browser that has to start first reads the file late; nobody says when it has. */
const FILE_FOR_MS = 20_000;

/** Null once the opener has taken it; else what became of the opener, and nothing is left behind. */
export async function openInBrowser(opener: string, url: string): Promise<string | null> {
  // Made for its owner alone.
  const dir = await mkdtemp(join(tmpdir(), "holt-board-"));
  const file = join(dir, "board.html");
  await writeFile(file, pageTo(url), { mode: 0o600 });
  const why = await run(opener, file);
  if (why === null) removeLater(dir);
  else await rm(dir, { recursive: true, force: true });
  return why;
}

async function run(opener: string, file: string): Promise<string | null> {
  const child = spawn(opener, [file], { stdio: "ignore" });
  try {
    const [code] = await once(child, "exit");
    return code === 0 ? null : `ended with ${String(code)}`;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "ENOENT"
      ? "is not installed"
      : "could not be started";
  }
}

/** By a process of its own, so that nobody waits for it. */
function removeLater(dir: string): void {
  const program = `setTimeout(() => require("node:fs").rmSync(process.argv[1], { recursive: true, force: true }), ${FILE_FOR_MS})`;
  spawn(process.execPath, ["--eval", program, dir], { detached: true, stdio: "ignore" }).unref();
}

function pageTo(url: string): string {
  const text = url.replaceAll(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`);
  return `<!doctype html><meta charset="utf-8"><meta name="referrer" content="no-referrer"><meta http-equiv="refresh" content="0;url=${text}"><title>Holt</title><a href="${text}">The board</a>\n`;
}
