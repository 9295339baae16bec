/** Every check that needs no server: `npm run check`. With `--fix`, writes what can be written instead of complaining. */
import { runQuietly, secondsSince, type Step } from "./steps.ts";

const fix = process.argv.includes("--fix");
const steps: readonly Step[] = [
  { name: "format", command: "oxfmt", args: fix ? ["."] : ["--check", "."] },
  { name: "lint", command: "oxlint", args: ["--type-aware", "--deny-warnings", ...(fix ? ["--fix"] : [])] },
  { name: "types", command: "tsc", args: ["-b"] },
  {
    name: "architecture",
    command: "vitest",
    args: ["run", "--project", "node", "test/architecture.test.ts"],
  },
  { name: "openapi", command: "node", args: ["scripts/openapi.ts", ...(fix ? [] : ["--check"])] },
  {
    name: "worker types",
    command: "wrangler",
    args: ["types", "--include-runtime=false", "worker/env.d.ts", ...(fix ? [] : ["--check"])],
  },
  { name: "image", command: "node", args: ["scripts/image/check.ts"] },
  {
    name: "bundle",
    command: "wrangler",
    args: ["deploy", "--dry-run", "--containers-rollout=none", "--outdir", "node_modules/.cache/bundle"],
  },
  {
    name: "bundle size",
    command: "node",
    args: ["scripts/bundle-size.ts", "node_modules/.cache/bundle/index.js"],
  },
  { name: "page size", command: "node", args: ["scripts/page-size.ts"] },
  { name: "command", command: "node", args: ["scripts/build-cli.ts", "node_modules/.cache/command"] },
  {
    name: "command size",
    command: "node",
    args: ["scripts/bundle-size.ts", "node_modules/.cache/command/holt.js", "130"],
  },
  { name: "core", command: "vitest", args: ["run", "--project", "node", "test/shared", "test/worker-core"] },
];

for (const { name, command, args } of steps) {
  const startedAt = performance.now();
  const { code, output } = await runQuietly(command, args);
  console.log(`${code === 0 ? "ok  " : "FAIL"} ${name.padEnd(14)} ${secondsSince(startedAt)}`);
  if (code === 0) continue;
  console.log(output);
  process.exit(1);
}
