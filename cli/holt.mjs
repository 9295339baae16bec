#!/usr/bin/env node
// `npx --no-install holt` in this repository: runs the command from its source, under a Node that can read it.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const own = join(here, "..", "node_modules", ".bin", "node");
const major = Number(process.versions.node.split(".")[0]);

if (major >= 24) await import("./main.ts");
else if (existsSync(own)) runUnder(own);
else {
  process.stderr.write(`holt: needs Node 24 here (it is ${process.version}); \`npm ci\` brings one\n`);
  process.exitCode = 1;
}

/** A terminal's Ctrl-C reaches the child by itself; what is sent to this process alone is passed on. */
function runUnder(node) {
  const child = spawn(node, [join(here, "main.ts"), ...process.argv.slice(2)], { stdio: "inherit" });
  process.on("SIGINT", () => undefined);
  for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("exit", (code, signal) => {
    process.exitCode = code ?? 128 + constants.signals[signal];
  });
}
