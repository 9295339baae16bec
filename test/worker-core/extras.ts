import type { ViewExtras } from "../../worker/execution/view.ts";

/** What the reader of a view adds to the state, at its plainest. */
export const extras: ViewExtras = {
  door: "job",
  containerId: "object-1",
  running: true,
  result: null,
  spans: [],
  followUps: [],
};
