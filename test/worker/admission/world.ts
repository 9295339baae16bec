import type { AdmissionDeps, AdmittedExecutions } from "../../../worker/admission/deps.ts";
import type { MetricPoint } from "../../../worker/ports.ts";
import { TestClock } from "../execution/clock.ts";
import { recordingLog, type WrittenLine } from "../recording-log.ts";

/** All that stands outside one line: it survives the object's evictions. */
export class AdmissionWorld {
  readonly clock = new TestClock();
  readonly log: WrittenLine[] = [];
  readonly points: MetricPoint[] = [];
  max = 2;
  /** What was said to executions, in order. */
  readonly said: string[] = [];
  /** What they answer; the next question has what stands here. */
  executions: AdmittedExecutions = {
    tend: async () => ({ live: true, nextDeadlineAt: null, destroyedMs: null }),
    granted: async () => undefined,
  };

  connect(): AdmissionDeps {
    return {
      clock: this.clock,
      log: recordingLog((line) => void this.log.push(line)),
      metrics: { write: (points) => void this.points.push(...points) },
      max: this.max,
      executions: {
        tend: (executionId) => {
          this.said.push(`tend ${executionId}`);
          return this.executions.tend(executionId);
        },
        granted: (executionId) => {
          this.said.push(`granted ${executionId}`);
          return this.executions.granted(executionId);
        },
      },
    };
  }
}

// Objects and tests share one isolate, and an object is built by the runtime: this is where the two meet.
const worlds = new Map<string, AdmissionWorld>();

export function admissionWorldOf(id: DurableObjectId): AdmissionWorld {
  const name = id.toString();
  const known = worlds.get(name);
  if (known !== undefined) return known;
  const world = new AdmissionWorld();
  worlds.set(name, world);
  return world;
}

/** A world of its own for a line whose name other tests have used before. */
export function newAdmissionWorld(id: DurableObjectId): AdmissionWorld {
  worlds.delete(id.toString());
  return admissionWorldOf(id);
}
