import { test } from "vitest";
import { leftOpen } from "../../../worker/ui/execution/left-open.ts";
import { entries, event } from "./build.ts";

const job = { id: "e_1-coder", round: 2 };

function told(kind: string, title: string, fields: Record<string, unknown> = {}) {
  return event("follow-up", 0, { round: 2, followUp: { kind, title, detail: "" }, ...fields });
}

test("what a round left open is shown once, questions first, also where an earlier round left it too", ({
  expect,
}) => {
  const log = entries(
    told("question", "Which?", { round: 1, repeated: false }),
    told("follow_up", "Tidy up", { repeated: false }),
    told("question", "Which?", { repeated: true }),
    told("question", "Which?", { repeated: true }),
    told("question", "Of another job", { jobId: "e_1-other" }),
    told("question", "When?", { repeated: false }),
  );
  expect(leftOpen(log, job).map(({ title }) => title)).toEqual(["Which?", "When?", "Tidy up"]);
});
