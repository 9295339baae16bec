/** What one page costs while it is open for a minute, beside asking for the view of every job every two seconds. */

import { setTimeout as sleep } from "node:timers/promises";
import type { Page } from "playwright-core";
import type { CountedRelay } from "../pieces/counted-relay.ts";
import { type Row, atMost, told } from "../pieces/table.ts";
import type { BoardGround } from "./ground.ts";

const MINUTE_MS = 60_000;
const NAIVE_POLLS = 30;

export type TrafficOptions = {
  readonly ground: BoardGround;
  readonly relay: CountedRelay;
  /** Open on the board, through the relay. */
  readonly page: Page;
  readonly when: "active" | "idle";
};

export async function measureTraffic({ ground, relay, page, when }: TrafficOptions): Promise<readonly Row[]> {
  let requests = 0;
  page.on("request", () => void (requests += 1));
  const [bytesBefore, callsBefore] = [relay.bytes(), ground.executionCalls().length];
  await sleep(MINUTE_MS);
  const bytes = relay.bytes() - bytesBefore;
  const calls = ground.executionCalls().slice(callsBefore);
  const reads = calls.filter((line) => /"method":"(?:read|execution|events|take|result)"/.test(line));
  const naiveBytes = NAIVE_POLLS * (await bytesOfAllViews(ground));
  return [
    told(`${when}: requests a board-minute`, requests, ""),
    told(`${when}: a board-minute, both ways with headers`, bytes / 1024, " KiB"),
    told(`${when}: a read of every view every 2 s takes`, naiveBytes / bytes, " × that"),
    atMost(`${when}: reads of executions by the board`, reads.length, 0, ""),
    ...(when === "idle" ? [atMost("idle: wake-ups of executions, by anybody", calls.length, 0, "")] : []),
  ];
}

/** Bodies alone: what headers come on top is left to the naive reader. */
async function bytesOfAllViews(ground: BoardGround): Promise<number> {
  let bytes = 0;
  for (const { executionId, jobId } of await ground.cards())
    bytes += (await (await ground.fetch(`/v1/executions/${executionId}/jobs/${jobId}`)).arrayBuffer())
      .byteLength;
  return bytes;
}
