/**
 * `npm run mutants`: applies every patch of test/mutants to a copy of the sources, one at a time, and demands that each
 * test it names turns red. Arguments name single mutants.
 */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { runNamedTests } from "./mutants/named-tests.ts";
import { type Mutant, readMutants } from "./mutants/patch.ts";
import { copyWorkTree, type WorkTree } from "./mutants/work-tree.ts";
import { secondsSince } from "./steps.ts";
import { choose, wantedOrExit } from "./usage.ts";

/** As many copies as run at once: each holds a test run of its own. */
const COPIES = 2;

const usage = `usage: npm run mutants [-- NAME...]

Runs the named tests on the sources as they are, which must pass; then breaks a copy of the sources one rule at a time, and
each test that is named for the rule has to turn red. With names only those of test/mutants.

  --help  print this

Exit codes: 0 each was caught, 1 one survived or a test was red before, 2 the command line is wrong.`;

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const all = readMutants(join(root, "test", "mutants"));
const wanted = wantedOrExit(usage, (args) =>
  choose(
    all.map(({ name }) => name),
    parseArgs({ args: [...args], allowPositionals: true }).positionals,
  ),
);
const mutants = all.filter(({ name }) => wanted.includes(name));
const trees = Array.from({ length: COPIES }, () => copyWorkTree(root));
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    for (const tree of trees) tree.remove();
    process.exit(130);
  });
}
try {
  process.exitCode = (await areGreen()) && (await areCaught()) ? 0 : 1;
} finally {
  for (const tree of trees) tree.remove();
}

/** A test that is red without the mutant says nothing about it. */
async function areGreen(): Promise<boolean> {
  const startedAt = performance.now();
  const [tree] = trees;
  const killers = mutants.flatMap((mutant) => mutant.killers);
  const results = tree === undefined ? [] : await runNamedTests(tree.root, killers);
  const unfit = results.filter(({ status }) => status !== "passed");
  for (const { killer, status } of unfit) console.log(`${status} unbroken: ${killer.file}::${killer.title}`);
  console.log(`${killers.length} named tests on the sources as they are: ${secondsSince(startedAt)}`);
  return unfit.length === 0;
}

async function areCaught(): Promise<boolean> {
  const queue = [...mutants];
  let caught = 0;
  const work = async (tree: WorkTree): Promise<void> => {
    for (let mutant = queue.shift(); mutant !== undefined; mutant = queue.shift()) {
      const startedAt = performance.now();
      const survived = await survivalOf(mutant, tree);
      if (survived === null) caught += 1;
      const verdict = survived === null ? "caught  " : "SURVIVED";
      console.log(
        `${verdict} ${mutant.name.padEnd(44)} ${secondsSince(startedAt).padStart(7)}  ${mutant.why}`,
      );
      if (survived !== null) console.log(`         ${survived}`);
    }
  };
  await Promise.all(trees.map((tree) => work(tree)));
  console.log(`${caught} of ${mutants.length} caught`);
  return caught === mutants.length;
}

/** Why a mutant counts as not caught; null where every test it names turned red. */
async function survivalOf(mutant: Mutant, tree: WorkTree): Promise<string | null> {
  try {
    const misfit = await tree.breakBy(mutant);
    if (misfit !== null) return `the patch does not apply: ${misfit}`;
    const results = await runNamedTests(tree.root, mutant.killers);
    const kept = results.filter(({ status }) => status !== "failed");
    return kept.length === 0
      ? null
      : kept.map(({ killer, status }) => `${status}: ${killer.title}`).join("; ");
  } finally {
    tree.mend(mutant);
  }
}
