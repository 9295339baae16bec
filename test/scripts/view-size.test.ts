import { test } from "vitest";
import { type Outputs, viewSizes } from "../../scripts/ui/view-size.ts";

const now = (path: string) => ({ path, kind: "import-statement" });
const later = (path: string) => ({ path, kind: "dynamic-import" });
const sizes: Readonly<Record<string, number>> = {
  app: 1,
  shared: 10,
  board: 100,
  job: 1_000,
  both: 10_000,
  check: 100_000,
};

test("a part of the page weighs what it takes, what is loaded in any case, and no other part", ({
  expect,
}) => {
  const outputs: Outputs = {
    app: { imports: [now("shared"), later("board"), later("job")] },
    shared: { imports: [] },
    board: { imports: [now("shared"), now("both")] },
    job: { imports: [now("both"), later("check")], entryPoint: "job-page.tsx" },
    both: { imports: [now("shared")] },
    check: { imports: [now("job")] },
  };
  expect(viewSizes(outputs, "app", (name) => sizes[name] ?? 0)).toEqual([
    { part: null, bytes: 11 },
    { part: "board", bytes: 10_111 },
    { part: "job-page.tsx", bytes: 11_011 },
    { part: "check", bytes: 111_011 },
  ]);
});
