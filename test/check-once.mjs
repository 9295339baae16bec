// Reads the last line of `npm start -- --once` and says what is wrong with it.
import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";

const view = JSON.parse(readFileSync(0, "utf8"));
assert.equal(view.state, "done");
assert.equal(view.result.pushed, true);
assert.match(view.result.prUrl, /^http.*\/pull\/\d+$/);
assert.match(view.result.branch, /^holt\//);
assert.equal(view.result.error, undefined);
assert.equal(view.attempt, 1);
assert.deepEqual(view.gaps, []);
assert.ok(view.spans.length >= 3, "spans were seen on the way");
process.stdout.write(
  `last line: done, ${view.spans.length} spans, ${view.result.branch}, ${view.result.prUrl}\n`,
);
