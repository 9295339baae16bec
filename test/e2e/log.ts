import * as z from "zod";
import type { ExecutionEvent } from "../../shared/events.ts";

const WithSeq = z.looseObject({ seq: z.int() });
const Told = z.looseObject({ code: z.string() });

/** The sequence numbers of what the harness sent in an attempt, as the log has them. */
export function seqsOf(events: readonly ExecutionEvent[], jobId: string, attempt = 1): readonly number[] {
  return events
    .filter((event) => event.jobId === jobId && event.attempt === attempt)
    .flatMap((event) => WithSeq.safeParse(event).data?.seq ?? []);
}

/** The numbers from 1 to `last`. */
export function upTo(last: number): readonly number[] {
  return Array.from({ length: last }, (_, index) => index + 1);
}

/** The first event of a kind, of a code where one is named. */
export function findEvent(
  events: readonly ExecutionEvent[],
  kind: string,
  code?: string,
): ExecutionEvent | undefined {
  return events.find(
    (event) => event.kind === kind && (code === undefined || Told.safeParse(event).data?.code === code),
  );
}
