/** Opens the page's board for whoever sits at this terminal, by the command that does it everywhere. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { desktopOpener } from "../shared/desktop.ts";

export type Opening = {
  readonly root: string;
  readonly url: string;
  readonly token: string;
  readonly platform: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly isTerminal: boolean;
};

/** Whether a browser is asked for; that it cannot be opened is no failure of a start. */
export function openBoard({ root, url, token, platform, env, isTerminal }: Opening): boolean {
  if (!isTerminal || desktopOpener(platform, env) === null) return false;
  const child = spawn(process.execPath, [join(root, "cli/holt.mjs"), "board"], {
    // The token is no argument: those are for everybody to read.
    env: { ...env, HOLT_URL: url, HOLT_TOKEN: token },
    stdio: "ignore",
    detached: true,
  });
  child.on("error", () => undefined);
  child.unref();
  return true;
}
