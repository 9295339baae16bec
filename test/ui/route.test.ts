import { test } from "vitest";
import { Status } from "../../shared/job-view.ts";
import { firstRoute, noFilter, parseRoute, type Route, statuses, toSearch } from "../../worker/ui/route.ts";

const open = { executionId: "exec_1", jobId: null } as const;

const rows: ReadonlyArray<readonly [search: string, over: Partial<Route>]> = [
  ["", {}],
  ["?board=growth", { board: "growth" }],
  ["?q=flaky+test", { filter: { ...noFilter, text: "flaky test" } }],
  ["?state=failed,evicted", { filter: { ...noFilter, statuses: ["failed", "evicted"] } }],
  ["?label=team:growth&label=nightly", { filter: { ...noFilter, labels: ["team:growth", "nightly"] } }],
  ["?sort=deadline", { sort: "deadline" }],
  ["?column=failed", { column: "failed" }],
  ["?execution=exec_1", { execution: open }],
  ["?execution=exec_1&job=exec_1-coder", { execution: { ...open, jobId: "exec_1-coder" } }],
  ["?execution=exec_1&job=a%2Fb+%26+c", { execution: { ...open, jobId: "a/b & c" } }],
  [
    "?board=growth&q=x&state=done&sort=cost&execution=exec_1",
    { board: "growth", filter: { text: "x", statuses: ["done"], labels: [] }, sort: "cost", execution: open },
  ],
];

for (const [search, over] of rows) {
  test(`the address '/${search}' says what it says, and is written the same`, ({ expect }) => {
    const route = { ...firstRoute, ...over };
    expect(parseRoute(search)).toEqual(route);
    expect(toSearch(route)).toBe(search);
  });
}

const wrong = [
  "?board=NO",
  "?board=../x",
  "?sort=random",
  "?state=gone,",
  "?execution=a%20b",
  "?execution=",
  "?column=%3Cb%3E",
  "?label=",
  "?unknown=1",
  "?job=exec_1-coder",
  `?board=${"a".repeat(64)}`,
];
for (const search of wrong) {
  test(`in the address '/${search.slice(0, 30)}' nothing is named`, ({ expect }) => {
    expect(parseRoute(search)).toEqual(firstRoute);
  });
}

test("a job whose id is none leaves the execution open", ({ expect }) => {
  expect(parseRoute("?execution=exec_1&job=a%0Ab").execution).toEqual(open);
});

test("a filter of any length is cut, and states are kept in the order of a life", ({ expect }) => {
  expect(parseRoute(`?q=${"x".repeat(10_000)}`).filter.text.length).toBe(300);
  expect(parseRoute("?state=failed,queued").filter.statuses).toEqual(["queued", "failed"]);
});

test("the states that an address may name are those of the view", ({ expect }) => {
  expect(statuses).toEqual(Status.options);
});
