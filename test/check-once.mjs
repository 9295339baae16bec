// Reads the last line of `npm start -- --once` and tries out what it claims: `check-once.mjs REPOSITORY <line`.
import { strict as assert } from "node:assert";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const [repository] = process.argv.slice(2);
const view = JSON.parse(readFileSync(0, "utf8"));
assert.equal(view.state, "done");
assert.equal(view.result.pushed, true);
assert.match(view.result.prUrl, /^http.*\/pull\/\d+$/);
assert.match(view.result.branch, /^holt\//);
assert.equal(view.result.error, undefined);
assert.equal(view.attempt, 1);
assert.deepEqual(view.gaps, []);
assert.ok(view.spans.length >= 3, "spans were seen on the way");
assert.notEqual(testExitCode("main"), 0, "the tests are red on main");
assert.equal(testExitCode(view.result.branch), 0, "the tests are green on the branch");
const { branch, prUrl } = view.result;
process.stdout.write(`last line: done, ${view.spans.length} spans, ${branch} green, ${prUrl}\n`);

/** Of the sample's tests on a branch of the served repository. */
function testExitCode(ref) {
  const checkout = mkdtempSync(join(tmpdir(), "holt-check-"));
  try {
    execFileSync("git", ["clone", "--quiet", "--branch", ref, repository, checkout]);
    return spawnSync(process.execPath, ["--test"], { cwd: checkout, stdio: "ignore" }).status;
  } finally {
    rmSync(checkout, { recursive: true });
  }
}
