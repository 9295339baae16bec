import type { BoardDeps } from "../../../worker/board/deps.ts";
import { TestClock } from "../execution/clock.ts";
import { recordingLog, type WrittenLine } from "../recording-log.ts";

/** All that stands outside one board: it survives the object's evictions. */
export class BoardWorld {
  readonly clock = new TestClock();
  readonly log: WrittenLine[] = [];

  connect(): BoardDeps {
    return {
      clock: this.clock,
      timer: this.clock,
      log: recordingLog((line) => void this.log.push(line)),
    };
  }
}

// Objects and tests share one isolate, and an object is built by the runtime: this is where the two meet.
const worlds = new Map<string, BoardWorld>();

export function boardWorldOf(id: DurableObjectId): BoardWorld {
  const name = id.toString();
  const known = worlds.get(name);
  if (known !== undefined) return known;
  const world = new BoardWorld();
  worlds.set(name, world);
  return world;
}
