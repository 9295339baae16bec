/** Spans and follow-ups beside a view: how many fit, and where the next read goes on. */

import type { FollowUp, Span } from "../../../shared/job-result.ts";
import type { Fits } from "../input.ts";
import type { Telemetry, TelemetryPage } from "../storage/telemetry-log.ts";
import { jsonBytes } from "./fit-view.ts";

/** A page, the place before it, and the last place that was given out. */
export type Offer = TelemetryPage & { readonly before: number; readonly newest: number };

/** The longest beginning of the rows that fits. */
export function fitting(rows: readonly Telemetry[], roomBytes: number): readonly Telemetry[] {
  const namesBytes = 40; // the two lists' names, brackets and commas round them
  let room = roomBytes - namesBytes;
  const end = rows.findIndex(({ value }) => {
    room -= jsonBytes(value) + 1;
    return room < 0;
  });
  return end === -1 ? rows : rows.slice(0, end);
}

/** Where a reader goes on that was given the first rows: past places that pruning emptied, and never past a row that waits. */
export function reached({ rows, through, before, newest }: Offer, taken: readonly Telemetry[]): number {
  if (taken.length === rows.length) return through ?? newest;
  return taken.at(-1)?.place ?? before;
}

/** How much of the two fits into one answer, follow-ups first: they are fewer, and people wait for them. */
export function fitsOf(spans: Offer, followUps: Offer, roomBytes: number): Fits {
  const offered = [...followUps.rows, ...spans.rows];
  const taken = fitting(offered, roomBytes);
  return {
    spansThrough: reached(spans, taken.slice(followUps.rows.length)),
    followUpsThrough: reached(followUps, taken.slice(0, followUps.rows.length)),
    all: taken.length === offered.length && spans.through === null && followUps.through === null,
  };
}

export function upTo(rows: readonly Telemetry[], place: number): readonly Telemetry[] {
  return rows.filter((row) => row.place <= place);
}

/** As a view has them; a list that is empty is left out. */
export function toLists(rows: readonly Telemetry[]): {
  readonly spans?: Span[];
  readonly followUps?: FollowUp[];
} {
  const spans = rows.flatMap((row) => (row.kind === "span" ? [row.value] : []));
  const followUps = rows.flatMap((row) => (row.kind === "follow-up" ? [row.value] : []));
  return { ...(spans.length > 0 && { spans }), ...(followUps.length > 0 && { followUps }) };
}
