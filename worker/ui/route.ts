/** What the address says: which board, what of it is shown, and which execution is open. Pure. */

import { boardNamePattern, executionIdPattern, jobIdPattern } from "../../shared/id-patterns.ts";
import type { Status } from "../../shared/job-view.ts";

export const sorts = ["newest", "oldest", "deadline", "heard", "cost", "title"] as const;
export type Sort = (typeof sorts)[number];

export type Route = {
  readonly board: string;
  readonly filter: Filter;
  readonly sort: Sort;
  /** Where there is room for one column alone; null: the page's choice. */
  readonly column: string | null;
  /** Null: the board is shown. */
  readonly execution: OpenExecution | null;
};

export type Filter = {
  readonly text: string;
  /** None: all. */
  readonly statuses: readonly Status[];
  /** `name` or `name:value`; a card has all of them. */
  readonly labels: readonly string[];
};

export type OpenExecution = {
  readonly executionId: string;
  readonly jobId: string | null;
};

export const noFilter: Filter = { text: "", statuses: [], labels: [] };
export const firstRoute: Route = {
  board: "main",
  filter: noFilter,
  sort: "newest",
  column: null,
  execution: null,
};

/** What is no name, or of no list, is as if it were not there. */
export function parseRoute(search: string): Route {
  const given = new URLSearchParams(search);
  const text = (name: string): string | null => (given.get(name) ?? "").slice(0, MAX_CHARS) || null;
  const matching = (name: string, pattern: RegExp): string | null => {
    const value = text(name);
    return value !== null && pattern.test(value) ? value : null;
  };
  const executionId = matching("execution", executionIdPattern);
  return {
    board: matching("board", boardNamePattern) ?? firstRoute.board,
    filter: {
      text: text("q") ?? "",
      statuses: statuses.filter((status) => (text("state") ?? "").split(",").includes(status)),
      labels: given
        .getAll("label")
        .filter((label) => label !== "")
        .map((label) => label.slice(0, MAX_CHARS)),
    },
    sort: sorts.find((sort) => sort === text("sort")) ?? firstRoute.sort,
    column: matching("column", /^[a-z-]{1,20}$/),
    execution: executionId === null ? null : { executionId, jobId: matching("job", jobIdPattern) },
  };
}

/** The shortest address that says the same; what is as it is anyway is left out. */
export function toSearch({ board, filter, sort, column, execution }: Route): string {
  const query = new URLSearchParams();
  if (board !== firstRoute.board) query.set("board", board);
  if (filter.text !== "") query.set("q", filter.text);
  if (filter.statuses.length > 0) query.set("state", filter.statuses.join(","));
  for (const label of filter.labels) query.append("label", label);
  if (sort !== firstRoute.sort) query.set("sort", sort);
  if (column !== null) query.set("column", column);
  if (execution !== null) {
    query.set("execution", execution.executionId);
    if (execution.jobId !== null) query.set("job", execution.jobId);
  }
  const text = query.toString().replaceAll("%2C", ",").replaceAll("%3A", ":");
  return text === "" ? "" : `?${text}`;
}

export const statuses: readonly Status[] = [
  "queued",
  "starting",
  "running",
  "recovering",
  "stopping",
  "done",
  "failed",
  "cancelled",
  "evicted",
];

const MAX_CHARS = 300;
