// Runs a TypeScript program of this repository under its own Node, after making sure that what the lockfile names is
// installed. Plain JavaScript without dependencies, since it runs under any Node from 20 on before anything is installed.
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = join(root, "node_modules", ".bin");
const ownNode = join(bin, "node");
/** Packages with a Node of its own, by platform; elsewhere the machine's Node has to do. */
const nodePackage = `node-${process.platform}-${process.arch}`;
const NEEDED_MAJOR = 24;
const INSTALL_LIMIT_MS = Number(process.env.HOLT_INSTALL_LIMIT_SECONDS ?? 180) * 1000;
const KILL_GRACE_MS = 5_000;

/** The child of the moment; signals are passed on to it. A terminal's Ctrl-C reaches it twice, which does no harm. */
let child;
let interruptedBy;
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => {
    interruptedBy ??= signal;
    child?.kill(signal);
  });
}

process.exitCode = (await installWhatIsMissing()) ?? (await runProgram(process.argv.slice(2)));

/** The exit code of a failure; undefined when everything is there. */
async function installWhatIsMissing() {
  if (findMissing().length === 0) return undefined;
  console.error("holt: installing what package-lock.json names …");
  // NODE_ENV=production would leave out the tools that the programs need.
  const args = ["ci", "--include=dev", "--include=optional", "--no-audit", "--no-fund", "--loglevel=error"];
  for (const extra of [[], ["--prefer-offline"]]) {
    const code = await runChild("npm", [...args, ...extra], { limitMs: INSTALL_LIMIT_MS });
    if (code === 0) {
      const names = findMissing();
      if (names.length > 0)
        console.error(`holt: package-lock.json names what npm does not install: ${names.join(", ")}`);
      return undefined;
    }
    if (interruptedBy !== undefined) return 128 + constants.signals[interruptedBy];
    console.error(`holt: npm ci failed${extra.length === 0 ? "; once more" : " twice; see above"}`);
  }
  return 1;
}

/** What the lockfile names and npm, which writes down what it installed, has not installed. */
function findMissing() {
  const wanted = readPackages(join(root, "package-lock.json"));
  const present = readPackages(join(root, "node_modules", ".package-lock.json"));
  const isMissing = ([path, { version, optional, link }]) => {
    if (path === "" || link) return false;
    const found = present[path];
    // Most optional packages are for another platform; the one with our Node is not.
    const mayMiss = optional === true && path !== `node_modules/${nodePackage}`;
    return found === undefined ? !mayMiss : found.version !== version;
  };
  return Object.entries(wanted)
    .filter(isMissing)
    .map(([path]) => path);
}

/** What a lockfile names; nothing where it is missing, or was not written to its end. */
function readPackages(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8")).packages ?? {};
  } catch {
    return {};
  }
}

async function runProgram([program, ...args]) {
  const hasOwn = existsSync(ownNode);
  const major = Number(process.versions.node.split(".")[0]);
  if (!hasOwn && major < NEEDED_MAJOR) {
    console.error(
      `holt: there is no packaged Node for ${process.platform} ${process.arch}: run this with Node ${NEEDED_MAJOR} or later (it is ${process.version})`,
    );
    return 1;
  }
  const env = {
    ...process.env,
    PATH: `${bin}:${process.env.PATH ?? ""}`,
    // Nothing is reported, asked for or looked up anywhere: metrics, update check, Cloudflare's sample request data.
    WRANGLER_SEND_METRICS: "false",
    WRANGLER_HIDE_BANNER: "true",
    CLOUDFLARE_CF_FETCH_ENABLED: "false",
  };
  return runChild(hasOwn ? ownNode : process.execPath, [join(root, program), ...args], { env });
}

/** The exit code, 128 + n where a signal ended it; with `limitMs` it is ended after that long. */
function runChild(command, args, { env = process.env, limitMs } = {}) {
  if (interruptedBy !== undefined) return 128 + constants.signals[interruptedBy];
  return new Promise((resolve) => {
    const started = spawn(command, args, { cwd: root, stdio: "inherit", env });
    child = started;
    const timers = [];
    if (limitMs !== undefined) {
      timers.push(setTimeout(() => started.kill("SIGTERM"), limitMs));
      timers.push(setTimeout(() => started.kill("SIGKILL"), limitMs + KILL_GRACE_MS));
    }
    const end = (code) => {
      for (const timer of timers) clearTimeout(timer);
      resolve(code);
    };
    started.on("error", (error) => {
      console.error(`holt: ${command} cannot be started: ${error.message}`);
      end(127);
    });
    started.on("exit", (code, signal) => end(code ?? 128 + constants.signals[signal]));
  });
}
