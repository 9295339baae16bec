import { readFileSync } from "node:fs";
import { describe, test } from "vitest";
import { Status } from "../../shared/job-view.ts";
import { isTerminal } from "../../worker/execution/state.ts";
import { cellOf } from "./cell.ts";
import { lifecycleTable } from "./lifecycle-table.ts";
import { type InputKind, type Situation, samples, type SituationName, situations } from "./situations.ts";

const situationNames = Object.keys(situations).filter((name): name is SituationName =>
  Object.hasOwn(situations, name),
);
const inputKinds = Object.keys(samples).filter((kind): kind is InputKind => Object.hasOwn(samples, kind));

for (const name of situationNames) {
  describe(`from ${name}`, () => {
    const { make, status }: Situation = situations[name];

    test(`is a history whose job is ${status}`, ({ expect }) => {
      expect(make().job.status).toBe(status);
    });

    for (const kind of inputKinds) {
      const cell = lifecycleTable[name][kind];
      test(`× ${kind}: ${cell}`, ({ expect }) => {
        const run = make();
        expect(cellOf(run, samples[kind](run))).toBe(cell);
      });
    }
  });
}

test("every status has a situation in the table", ({ expect }) => {
  const reached = new Set(Object.values(situations).map(({ status }) => status));
  const missing = Status.options.filter((status) => !reached.has(status));
  expect(missing).toStrictEqual([]);
});

test("every kind of input has a column in the table", ({ expect }) => {
  const source = readFileSync(new URL("../../worker/execution/input.ts", import.meta.url), "utf8");
  const happening = source.slice(source.indexOf("export type Happening"), source.indexOf("export type Fits"));
  const declared = [...happening.matchAll(/readonly kind: "([a-z-]+)"/g)].map(([, kind]) => kind);
  expect(declared.length).toBeGreaterThan(20);
  expect(new Set(inputKinds)).toStrictEqual(new Set(declared));
  for (const name of situationNames) {
    expect(new Set(Object.keys(lifecycleTable[name])), name).toStrictEqual(new Set(declared));
  }
});

test("an ended job leaves its status by no input but the dispatch of a new round", ({ expect }) => {
  for (const name of situationNames.filter((each) => isTerminal(situations[each].status))) {
    for (const kind of inputKinds.filter((each) => each !== "dispatch")) {
      const run = situations[name].make();
      const { status, end, round } = run.job;
      run.give(samples[kind](run), 1);
      expect([run.job.status, run.job.round], `${name} × ${kind}`).toStrictEqual([status, round]);
      expect(run.job.end, `${name} × ${kind}`).toBe(end);
    }
  }
});

test("a dispatch changes an ended job only by beginning a round whose end is its own", ({ expect }) => {
  const run = situations["released, its container gone"].make();
  const { end } = run.job;
  run.give(samples.dispatch(), 1);
  expect(run.job).toMatchObject({ round: 2, end: null, status: "starting" });
  expect(end?.outcome.code).toBe("released");
});
