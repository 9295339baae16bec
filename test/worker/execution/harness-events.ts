import type { HarnessEvent } from "../../../shared/events.ts";
import type { Rig } from "./rig.ts";

/** A line of the agent's output. */
export function makeOutput(seq: number, text = `line ${seq}`): HarnessEvent {
  return { seq, at: 1_000, kind: "output", stream: "agent", text };
}

/** The sequence numbers of what is stored of the harness's events, in the order of the log. */
export async function storedSeqs(rig: Rig): Promise<readonly unknown[]> {
  const rows = (await rig.dump())["event"] ?? [];
  return rows.flatMap((row) => (row["seq"] === null ? [] : [row["seq"]]));
}
