/** How it stands with the server, in a word. Pure. */

import { isRefusal } from "./pace.ts";
import type { Connection } from "./poller.ts";

/** `Connecting`: no answer yet, or the next one is overdue. `Refused`: the server answers, and not with what was asked. */
export type LinkWord = "Connecting" | "Live" | "Reconnecting" | "Refused";

export function linkWord(connection: Connection, now: number): LinkWord {
  const { answeredAt, failure, failures, freshUntil } = connection;
  if (failure !== null && isRefusal(failure)) return "Refused";
  // One lost call is no news: the next follows within seconds.
  if (failure !== null && (failures > 1 || answeredAt === null)) return "Reconnecting";
  return now < freshUntil ? "Live" : "Connecting";
}
