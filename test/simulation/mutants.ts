/**
 * `npm run simulate:mutants`: applies every patch of test/simulation/mutants to a copy of the sources, one at a time, and
 * demands that the simulation finds a broken promise within so many histories. Arguments name single mutants.
 */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { execa } from "execa";
import { type Patch, readPatches } from "../../scripts/mutants/patch.ts";
import { copyWorkTree, type WorkTree } from "../../scripts/mutants/work-tree.ts";
import { secondsSince } from "../../scripts/steps.ts";
import { choose, wantedOrExit } from "../../scripts/usage.ts";

/** As many copies as run at once. */
const COPIES = 2;
const RUNS_MAX = 60_000;
const LIMIT_MS = 300_000;

const usage = `usage: npm run simulate:mutants [-- NAME...]

Plays the sources as they are, which must hold; then breaks a copy of them one promise at a time, and the simulation alone
has to find each. With names only those of test/simulation/mutants.

  --help  print this

Exit codes: 0 each was found, 1 one survived or the sources do not hold, 2 the command line is wrong.`;

const here = dirname(fileURLToPath(import.meta.url));
const all = readPatches(join(here, "mutants"));
const wanted = wantedOrExit(usage, (args) =>
  choose(
    all.map(({ name }) => name),
    parseArgs({ args: [...args], allowPositionals: true }).positionals,
  ),
);
const patches = all.filter(({ name }) => wanted.includes(name));
const trees = Array.from({ length: COPIES }, () => copyWorkTree(join(here, "..", "..")));
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    for (const tree of trees) tree.remove();
    process.exit(130);
  });
}
try {
  process.exitCode = (await isWhole()) && (await areCaught()) ? 0 : 1;
} finally {
  for (const tree of trees) tree.remove();
}

/** A promise that is broken without the mutant says nothing about it. */
async function isWhole(): Promise<boolean> {
  for (const tree of trees.slice(0, 1)) {
    const { violations, said } = await simulateIn(tree);
    if (violations === 0) return true;
    console.log(`not whole without a mutant: ${said}`);
  }
  return false;
}

async function areCaught(): Promise<boolean> {
  const queue = [...patches];
  let caught = 0;
  const work = async (tree: WorkTree): Promise<void> => {
    for (let patch = queue.shift(); patch !== undefined; patch = queue.shift()) {
      const startedAt = performance.now();
      const { isCaught, said } = await simulateWith(patch, tree);
      if (isCaught) caught += 1;
      const verdict = isCaught ? "caught  " : "SURVIVED";
      console.log(`${verdict} ${patch.name.padEnd(36)} ${secondsSince(startedAt).padStart(7)}  ${patch.why}`);
      console.log(`         ${said}`);
    }
  };
  await Promise.all(trees.map((tree) => work(tree)));
  console.log(`${caught} of ${patches.length} caught`);
  return caught === patches.length;
}

/** Whether a promise was found broken: by the simulation alone, and not for a simulation that could not run. */
async function simulateWith(patch: Patch, tree: WorkTree): Promise<{ isCaught: boolean; said: string }> {
  try {
    const misfit = await tree.breakBy(patch);
    if (misfit !== null) return { isCaught: false, said: `the patch does not apply: ${misfit}` };
    const { violations, said } = await simulateIn(tree);
    return { isCaught: violations === 1, said };
  } finally {
    tree.mend(patch);
  }
}

/** How many promises are broken there, null where the simulation could not run; and what it said last. */
async function simulateIn(
  tree: WorkTree,
): Promise<{ readonly violations: number | null; readonly said: string }> {
  const { stdout } = await execa("node", ["test/simulation/simulate.ts", "--runs", String(RUNS_MAX)], {
    cwd: tree.root,
    preferLocal: true,
    reject: false,
    timeout: LIMIT_MS,
    stdin: "ignore",
    stderr: "ignore",
  });
  const last = stdout.split("\n").at(-1) ?? "";
  const broken = /^Error: (.+)$/m.exec(stdout)?.[1] ?? "no promise was found broken";
  const violations = /, violations (\d+)$/.exec(last)?.[1];
  return {
    violations: violations === undefined ? null : Number(violations),
    said: `${last}; ${broken.slice(0, 160)}`,
  };
}
