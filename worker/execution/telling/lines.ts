/** What a turn came to, as lines of the log. Pure: no rule about a job writes a line of its own. */

import type { LogIds, LogLine } from "../../ports.ts";
import { eventLines } from "./event-lines.ts";
import { deadlineLines } from "./deadline-lines.ts";
import { instanceLines } from "./instance-lines.ts";
import { jobLines } from "./job-lines.ts";
import { line } from "./line.ts";
import type { Turned } from "./turned.ts";

export function linesOf(turned: Turned): readonly LogLine[] {
  const lines = [
    ...deadlineLines(turned),
    ...eventLines(turned),
    ...jobLines(turned),
    ...instanceLines(turned),
    ...slotLines(turned),
  ];
  const asked = requestOf(turned);
  return asked === null ? lines : lines.map((each) => ({ ...each, about: { ...each.about, ...asked } }));
}

function slotLines({ happening }: Turned): readonly LogLine[] {
  if (happening.kind !== "slot" || happening.answer.kind !== "unreachable") return [];
  return [line("warn", "slot.unreachable", {}, { why: happening.answer.text })];
}

/** What came of a request carries its id, so that both sides of it are found by one search. */
function requestOf({ happening }: Turned): Pick<LogIds, "requestId"> | null {
  const requestId =
    happening.kind === "dispatch"
      ? happening.request.requestId
      : "requestId" in happening
        ? happening.requestId
        : undefined;
  return requestId === undefined ? null : { requestId };
}
