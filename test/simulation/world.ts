import type { Happening } from "../../worker/execution/input.ts";
import type { ExecutionState } from "../../worker/execution/state.ts";
import type { Tended } from "../../worker/execution/rpc.ts";
import { Admission } from "./admission.ts";
import { Agenda } from "./agenda.ts";
import type { Coverage } from "./coverage.ts";
import { Crowd } from "./crowd.ts";
import { Draw } from "./draw.ts";
import { Faults } from "./faults.ts";
import { Site } from "./site.ts";

/** Every history begins here; a clock far from any real one shows what is read from outside. */
const BEGIN = Date.UTC(2099, 0, 1);

/** A promise was broken: which, how, and when. */
export class Violation extends Error {
  readonly promise: string;

  constructor(promise: string, text: string, cause?: unknown) {
    super(`${promise}: ${text}`, { cause });
    this.promise = promise;
  }
}

/** A deployment: one clock, one Admission, and the executions that share them. Nothing in it is drawn but by its seed. */
export class World {
  readonly agenda = new Agenda(BEGIN);
  readonly coverage: Coverage;
  readonly faults: Faults;
  readonly draw: Draw;
  readonly admission: Admission;
  readonly crowd: Crowd;
  readonly sites = new Map<string, Site>();
  #ids = 0;

  constructor(it: { readonly seed: number; readonly maxSlots: number; readonly coverage: Coverage }) {
    this.coverage = it.coverage;
    this.draw = new Draw(it.seed);
    this.faults = new Faults((name) => it.coverage.fault(name));
    this.admission = new Admission(this, it.maxSlots);
    this.crowd = new Crowd(this);
  }

  readonly freshId = (kind: string): string => {
    this.#ids += 1;
    return `${kind}-${String(this.#ids).padStart(6, "0")}`;
  };

  newSite(name: string): Site {
    const site = new Site(this, name);
    this.sites.set(name, site);
    return site;
  }

  violated(promise: string, text: string): never {
    throw new Violation(promise, text);
  }

  /** A step that throws is a defect, whatever it was given. */
  guard<T>(act: () => T, input: Happening, before: ExecutionState | null): T {
    try {
      return act();
    } catch (error) {
      if (error instanceof Violation) throw error;
      const text = error instanceof Error ? error.message : String(error);
      throw new Violation("step", `${input.kind} threw: ${text} in ${JSON.stringify(before)}`, error);
    }
  }

  /** Admission's hint that a turn has come. */
  tell(id: string): void {
    const site = this.sites.get(id);
    if (site === undefined) this.crowd.ask(id);
    else site.call({ kind: "slot-hint" });
  }

  /** Admission's visit. @returns null where nobody answers */
  visit(id: string): Tended | null {
    const site = this.sites.get(id);
    return site === undefined ? this.crowd.tend(id) : site.tend();
  }
}
