import { test } from "vitest";
import { answerText, pushedWords } from "../../../worker/ui/execution/result-words.ts";

test("whether a branch was pushed is said where the harness said it", ({ expect }) => {
  expect([true, false, undefined].map(pushedWords)).toEqual([", pushed", ", not pushed", ""]);
});

test("the answer of a job that was asked for an object is shown, whatever it is", ({ expect }) => {
  expect(answerText("yes")).toBe("yes");
  expect(answerText({ files: ["a.ts"] })).toBe('{\n  "files": [\n    "a.ts"\n  ]\n}');
  expect([null, 3, false].map(answerText)).toEqual(["null", "3", "false"]);
});
