import { fixFailingTest } from "../../../local/model/fix-failing-test.ts";
import type { Call } from "./fixtures.ts";
import { ask, test } from "./fixtures.ts";

const summary = (passed: number, failed: number): string =>
  `ℹ tests ${String(passed + failed)}\nℹ pass ${String(passed)}\nℹ fail ${String(failed)}\n`;
const redOutput = `✖ an hour and a half is ninety minutes\n${summary(4, 1)}\n\nCommand exited with code 1`;
const source = "const unitsInMs = {\n  h: 360_000,\n};\n";
const commit = 'git add -- src/duration.js && git commit -m "duration: count sixty minutes to the hour"';

const tests = (result: string): Call => ({ name: "bash", args: { command: "node --test" }, result });
const read = (result: string): Call => ({ name: "read", args: { path: "src/duration.js" }, result });
const edits = [{ oldText: "h: 360_000,", newText: "h: 3_600_000," }];
const edit = (result: string): Call => ({ name: "edit", args: { path: "src/duration.js", edits }, result });
const committing = (result: string): Call => ({ name: "bash", args: { command: commit }, result });

const untilEdit = [
  tests(redOutput),
  read(source),
  edit("Successfully replaced 1 block(s) in src/duration.js."),
];
const untilGreen = [...untilEdit, tests(summary(5, 0))];
const committed = "[holt/work 1a2b3c4] duration: count sixty minutes to the hour\n 1 file changed\n";

test.for([
  ["nothing was done", [], "bash", "node --test"],
  ["the tests are red", untilEdit.slice(0, 1), "read", "src/duration.js"],
  [
    "the tests are red in the words of the older runner",
    [tests(redOutput.replaceAll("ℹ", "#").replace("✖", "not ok 3 -"))],
    "read",
    "src/duration.js",
  ],
  ["the source was read", untilEdit.slice(0, 2), "edit", "3_600_000"],
  ["the edit went through", untilEdit, "bash", "node --test"],
  ["the tests are green", untilGreen, "bash", "git commit"],
] as const)("when %s, the next step follows", async ([, calls, tool, words], { expect, startModel }) => {
  const response = await ask(await startModel(fixFailingTest), { calls });
  const body = await response.text();
  expect(body).toContain(`"name":"${tool}"`);
  expect(body).toContain(words);
});

test.for([
  ["the tests are green before the edit", [tests(summary(5, 0))], "was expected to be red first"],
  [
    "another test is red",
    [tests(`✔ an hour and a half is ninety minutes\n${redOutput.replace("an hour", "a day")}`)],
    "was expected to be red first",
  ],
  [
    "the tests could not be run",
    [tests("bash: node: not found\n\nCommand exited with code 127")],
    "was expected to be red first",
  ],
  ["the source has another text", [...untilEdit.slice(0, 1), read("h: 1")], "does not contain"],
  [
    "the edit was refused",
    [...untilEdit.slice(0, 2), edit("Could not find the exact text")],
    "did not go through",
  ],
  [
    "the tests stay red after the edit",
    [...untilEdit, tests(redOutput)],
    "Stopped without a commit: 1 tests are red",
  ],
  ["no test ran after the edit", [...untilEdit, tests(summary(0, 0))], "Stopped without a commit"],
  [
    "the commit failed",
    [...untilGreen, committing("Author identity unknown\n\nCommand exited with code 128")],
    "commit did not go through",
  ],
  ["the commit was made", [...untilGreen, committing(committed)], "Fixed: "],
] as const)("when %s, it says so and does nothing more", async ([, calls, words], { expect, startModel }) => {
  const response = await ask(await startModel(fixFailingTest), { calls });
  const body = await response.text();
  expect(body).toContain('"finish_reason":"stop"');
  expect(body).toContain("[scripted] ");
  expect(body).toContain(words);
});
