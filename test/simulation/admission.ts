import {
  emptyLine,
  inLine,
  type Line,
  type LineEffect,
  type Moved,
  nextAlarmAt,
  slotCount,
} from "../../worker/admission/line.ts";
import { release, renew, request } from "../../worker/admission/slots.ts";
import { sweep, tended } from "../../worker/admission/visits.ts";
import type { Place } from "../../worker/admission/place.ts";
import type { SlotAnswer } from "../../worker/ports.ts";
import type { World } from "./world.ts";

const HINT_MS = 30;
const VISIT_MS = 50;

/** The one object that says who may have a container, with its alarm; whoever it tells or visits is a site or the crowd. */
export class Admission {
  readonly #world: World;
  line: Line;
  /** Slots that were held again after they had lapsed: each may be one too many for as long as it is held. */
  readonly #returned = new Set<string>();
  #alarmAt: number | null = null;

  constructor(world: World, max: number) {
    this.#world = world;
    this.line = emptyLine(max);
  }

  request(id: string, nextDeadlineAt: number): SlotAnswer {
    const moved = request(this.line, id, nextDeadlineAt, this.#now);
    this.#take(moved);
    return moved.answer;
  }

  renew(id: string, nextDeadlineAt: number): void {
    const moved = renew(this.line, id, nextDeadlineAt, this.#now);
    if (!moved.held) this.#returned.add(id);
    this.#take(moved);
  }

  release(id: string, nextDeadlineAt: number | null): void {
    this.#returned.delete(id);
    this.#take(release(this.line, id, { nextDeadlineAt, now: this.#now }));
  }

  get #now(): number {
    return this.#world.agenda.now;
  }

  #take({ line, effects }: Moved): void {
    const before = this.line;
    this.line = line;
    this.#check(before);
    for (const effect of effects) this.#carryOut(effect);
    this.#arm();
  }

  #arm(): void {
    const at = nextAlarmAt(this.line);
    if (at === null || (this.#alarmAt !== null && this.#alarmAt <= at)) return;
    this.#alarmAt = at;
    this.#world.agenda.at(Math.max(at, this.#now + 1), () => {
      if (this.#alarmAt !== at) return;
      this.#alarmAt = null;
      this.#take(sweep(this.line, this.#now));
    });
  }

  #carryOut(effect: LineEffect): void {
    const { agenda } = this.#world;
    if (effect.kind === "tell") {
      agenda.in(HINT_MS, () => this.#world.tell(effect.executionId));
      return;
    }
    agenda.in(VISIT_MS, () => {
      const answer = this.#world.visit(effect.executionId);
      this.#take(tended(this.line, effect, answer, this.#now));
    });
  }

  #noteLapse(id: string, old: Place | undefined, place: Place): void {
    if (old === undefined || old.lapsed === place.lapsed) return;
    if (place.lapsed) {
      this.#world.faults.happened("slot-lapsed");
      this.#returned.delete(id);
    } else if (place.kind === "slot") this.#returned.add(id);
  }

  /** Never more than there may be, save what came back; nobody waits while there is room; the first in line is first. */
  #check(before: Line): void {
    for (const [id, place] of this.line.places) this.#noteLapse(id, before.places.get(id), place);
    const held = slotCount(this.line);
    const waiting = inLine(this.line);
    if (held > this.line.max + this.#returned.size)
      this.#world.violated("admission", `${held} slots of ${this.line.max} are held`);
    if (held < this.line.max && waiting.length > 0)
      this.#world.violated(
        "admission",
        `${waiting.length} wait while ${this.line.max - held} slots are free`,
      );
    const first = waiting[0]?.ticket ?? Number.POSITIVE_INFINITY;
    for (const [id, place] of this.line.places) {
      const old = before.places.get(id);
      const isNew = place.kind === "slot" && !place.lapsed && (old?.kind !== "slot" || old.lapsed);
      if (isNew && !this.#returned.has(id) && place.ticket > first)
        this.#world.violated("admission", `${id} has overtaken one that waits`);
    }
  }
}
