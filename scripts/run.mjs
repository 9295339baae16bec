// Runs a TypeScript program of this repository under its own Node, after making sure that what the lockfile names is
// installed. Plain JavaScript without dependencies, since it runs under any Node from 20 on before anything is installed.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = join(root, "node_modules", ".bin");
const INSTALL_LIMIT_MS = 180_000;

if (!isInstalled()) install();
run(process.argv.slice(2));

/** npm writes what it installed beside it; a lockfile that names anything else means that an install is due. */
function isInstalled() {
  const written = join(root, "node_modules", ".package-lock.json");
  if (!existsSync(written)) return false;
  const wanted = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages;
  const present = JSON.parse(readFileSync(written, "utf8")).packages;
  return Object.entries(wanted).every(([path, { version, optional, link }]) => {
    if (path === "" || link) return true;
    const found = present[path];
    return found === undefined ? optional === true : found.version === version;
  });
}

function install() {
  console.log("holt: installing what package-lock.json names …");
  for (const extra of [[], ["--prefer-offline"]]) {
    const args = ["ci", "--no-audit", "--no-fund", ...extra];
    const { status } = spawnSync("npm", args, { cwd: root, stdio: "inherit", timeout: INSTALL_LIMIT_MS });
    if (status === 0) return;
  }
  console.error("holt: npm ci failed twice; see its output above");
  process.exit(1);
}

function run([program, ...args]) {
  const own = join(bin, "node");
  const node = existsSync(own) ? own : process.execPath;
  if (node === process.execPath && Number(process.versions.node.split(".")[0]) < 24) {
    console.error(
      `holt: this platform has no packaged Node; run with Node 24 or later (this is ${process.version})`,
    );
    process.exit(1);
  }
  const env = { ...process.env, PATH: `${bin}:${process.env.PATH ?? ""}`, WRANGLER_SEND_METRICS: "false" };
  const child = spawn(node, [join(root, program), ...args], { cwd: root, stdio: "inherit", env });
  // The terminal sends Ctrl-C to the whole group: the program ends itself, and this waits for it.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => {
      if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
    });
  }
  child.on("exit", (code, signal) => process.exit(code ?? (signal === "SIGINT" ? 130 : 143)));
}
