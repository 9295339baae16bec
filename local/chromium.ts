/** The browser of this machine that tests, screenshots and measurements of the page drive; nothing brings one along. */
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** Keeps to the page it is told to open: it looks nothing up, updates nothing and tells nobody. */
export const chromiumFlags: readonly string[] = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

const names = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome"];
const elsewhere = [
  "/usr/bin/chromium",
  "/snap/bin/chromium",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** What `HOLT_CHROMIUM` names, else the first one of the PATH and of the usual places; throws, in words, without any. */
export function findChromium(env: Readonly<Record<string, string | undefined>>): string {
  const named = env["HOLT_CHROMIUM"];
  if (named !== undefined && named !== "") {
    if (existsSync(named)) return named;
    throw new Error(`HOLT_CHROMIUM names ${named}, which does not exist`);
  }
  const folders = (env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  const candidates = [...names.flatMap((name) => folders.map((folder) => join(folder, name))), ...elsewhere];
  const found = candidates.find((path) => existsSync(path));
  if (found === undefined)
    throw new Error("there is no Chromium here: install one (Debian: chromium), or name it in HOLT_CHROMIUM");
  return found;
}
