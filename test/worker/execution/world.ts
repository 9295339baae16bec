import type { MetricPoint } from "../../../worker/ports.ts";
import type { ExecutionDeps } from "../../../worker/execution/deps.ts";
import { createSealer, type Sealer } from "../../../worker/sealing.ts";
import { recordingLog, type WrittenLine } from "../recording-log.ts";
import { Activity } from "./activity.ts";
import { TestClock } from "./clock.ts";
import { FakeBoard } from "./fake-board.ts";
import { FakeLine } from "./fake-line.ts";
import { FakeMachine } from "./fake-machine.ts";

export const SEALING_KEY = btoa(String.fromCharCode(...new Uint8Array(32).fill(7)));

/** All that stands outside one object: it survives the object's evictions and resets. */
export class World {
  readonly clock = new TestClock();
  readonly activity = new Activity();
  readonly machine = new FakeMachine(this.clock, this.activity);
  readonly line = new FakeLine(this.activity);
  readonly board: FakeBoard;
  readonly log: WrittenLine[] = [];
  readonly points: MetricPoint[] = [];
  metricsFail = false;
  /** The deployment's keys; the next incarnation of the object has what stands here. */
  sealer: Sealer | null = createSealer(SEALING_KEY);
  incarnations = 0;
  #ids = 0;

  constructor(executionId: string) {
    this.board = new FakeBoard(this.clock, this.activity, () => executionId);
  }

  /** What the next incarnation of the object is given. */
  connect(): ExecutionDeps {
    this.incarnations += 1;
    this.clock.forgetSleepers();
    return {
      clock: this.clock,
      timer: this.clock,
      random: { id: () => this.#nextId() },
      log: recordingLog((line) => void this.log.push(line)),
      metrics: { write: (points) => this.#measured(points) },
      container: this.machine.connect(),
      admission: this.line,
      board: this.board,
      sealer: this.sealer === null ? null : this.#watched(this.sealer),
      containerEnv: {},
    };
  }

  #measured(points: readonly MetricPoint[]): void {
    if (this.metricsFail) throw new Error("the sink is broken");
    this.points.push(...points);
  }

  #nextId(): string {
    this.#ids += 1;
    return `fresh-${String(this.#ids).padStart(8, "0")}`;
  }

  #watched(sealer: Sealer): Sealer {
    const { activity } = this;
    return {
      seal: (...args) => activity.during(sealer.seal(...args)),
      open: (...args) => activity.during(sealer.open(...args)),
      beatKey: (...args) => activity.during(sealer.beatKey(...args)),
      controlKey: (...args) => activity.during(sealer.controlKey(...args)),
    };
  }
}

// Objects and tests share one isolate, and an object is built by the runtime: this is where the two meet.
const worlds = new Map<string, World>();

export function worldOf(id: DurableObjectId): World {
  const name = id.toString();
  const known = worlds.get(name);
  if (known !== undefined) return known;
  const world = new World(id.name ?? name);
  worlds.set(name, world);
  return world;
}
