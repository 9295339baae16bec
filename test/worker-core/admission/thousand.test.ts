import * as fc from "fast-check";
import { test } from "vitest";
import { nextAlarmAt, slotCount } from "../../../worker/admission/line.ts";
import { alive, gone, LineRun, MINUTE, T0 } from "./build.ts";

const EXECUTIONS = 1_000;
const MAX = 80;
/** Far more than it takes. */
const MAX_MOVES = 100_000;

/** One that came, asked until it was let in, worked, and gave its slot back or died without a word. */
type Story = { readonly comesAt: number; readonly worksMs: number; readonly end: "releases" | "dies" };

/** Each asks or renews so often: less often than a tick, so that lapses are near. */
const ASKS_EVERY_MS = 4 * MINUTE;

test("of 1,000 executions each gets a slot in the order of asking, never more than the bound hold one, and none is left", ({
  expect,
}) => {
  const story = fc.record({
    comesAt: fc.nat(20 * MINUTE),
    worksMs: fc.integer({ min: 1_000, max: 9 * MINUTE }),
    end: fc.oneof(
      { weight: 6, arbitrary: fc.constant("releases" as const) },
      { weight: 1, arbitrary: fc.constant("dies" as const) },
    ),
  });
  const stories = fc.array(story, { minLength: EXECUTIONS, maxLength: EXECUTIONS });
  fc.assert(
    fc.property(stories, fc.array(fc.boolean(), { minLength: 1, maxLength: 20 }), (all, hints) => {
      const town = new Town(all, hints);
      town.play();
      expect(town.mostAtOnce).toBeLessThanOrEqual(MAX);
      expect(town.mostAtOnce).toBe(MAX);
      expect(town.servedInOrder()).toBe(true);
      expect(town.served).toBe(EXECUTIONS);
      expect(town.run.line.places.size).toBe(0);
      expect(nextAlarmAt(town.run.line)).toBeNull();
    }),
    // A smaller town would take hours to find, and tell no more.
    { numRuns: 1, seed: 20_994, endOnFailure: true },
  );
}, 120_000);

class Town {
  readonly run = new LineRun(MAX);
  readonly #stories: readonly Story[];
  readonly #hints: readonly boolean[];
  readonly #tickets = new Map<string, number>();
  readonly #worksUntil = new Map<string, number>();
  readonly #order: number[] = [];
  readonly #dead = new Set<string>();
  /** The earliest first. */
  readonly #events: { readonly at: number; readonly act: () => void }[] = [];
  #hint = 0;
  mostAtOnce = 0;

  constructor(stories: readonly Story[], hints: readonly boolean[]) {
    this.#stories = stories;
    this.#hints = hints;
  }

  get served(): number {
    return this.#worksUntil.size;
  }

  /** By the tickets of the moment at which the line itself gave the slot. */
  servedInOrder(): boolean {
    return this.#order.every((ticket, index) => ticket > (this.#order[index - 1] ?? 0));
  }

  play(): void {
    for (const [n, { comesAt }] of this.#stories.entries()) this.#at(T0 + comesAt, () => this.#ask(n));
    for (let moves = 0; moves < MAX_MOVES; moves += 1) {
      const alarmAt = nextAlarmAt(this.run.line) ?? Number.POSITIVE_INFINITY;
      const [next] = this.#events;
      if (next === undefined && alarmAt === Number.POSITIVE_INFINITY) return;
      if (next !== undefined && next.at <= alarmAt) {
        this.#events.shift();
        this.run.now = Math.max(this.run.now, next.at);
        next.act();
      } else {
        this.run.now = Math.max(this.run.now, alarmAt);
        this.run.sweep();
      }
      this.#carryOut();
      this.mostAtOnce = Math.max(this.mostAtOnce, slotCount(this.run.line));
    }
    throw new Error(`not everybody was served within ${MAX_MOVES} moves`);
  }

  #ask(n: number): void {
    const id = `e${n}`;
    if (this.#worksUntil.has(id)) return;
    const answer = this.run.request(id, 0, ASKS_EVERY_MS);
    this.#noteOrder(id);
    if (answer.kind === "waiting") {
      this.#at(this.run.now + ASKS_EVERY_MS, () => this.#ask(n));
      return;
    }
    this.#worksUntil.set(id, this.run.now + (this.#stories[n]?.worksMs ?? 0));
    this.#work(n);
  }

  #work(n: number): void {
    const id = `e${n}`;
    const until = this.#worksUntil.get(id) ?? 0;
    if (this.run.now < until) {
      if (!this.run.renew(id, 0, ASKS_EVERY_MS))
        throw new Error(`the slot of ${id} lapsed while it was renewed`);
      this.#at(Math.min(until, this.run.now + ASKS_EVERY_MS), () => this.#work(n));
    } else if (this.#stories[n]?.end === "releases") this.run.release(id);
    else this.#dead.add(id);
  }

  /** Hints are heard or lost; questions are answered, and every seventh fails once. */
  #carryOut(): void {
    for (let wanted = this.run.wanted(); wanted.length > 0; wanted = this.run.wanted()) {
      for (const [what, id] of wanted.map((each) => each.split(" "))) {
        if (what === "tell") this.#tell(id ?? "");
        else this.#answer(id ?? "");
      }
    }
  }

  #tell(id: string): void {
    this.#noteOrder(id);
    this.#hint += 1;
    if (this.#hints[this.#hint % this.#hints.length] === true) this.#ask(Number(id.slice(1)));
  }

  #answer(id: string): void {
    if (!this.run.line.places.has(id)) return;
    const failsOnce = Number(id.slice(1)) % 7 === 0 && this.run.place(id).failures === 0;
    const answer = this.#dead.has(id) ? gone : alive;
    this.run.tended(id, failsOnce ? null : answer);
  }

  #noteOrder(id: string): void {
    const place = this.run.line.places.get(id);
    if (place === undefined || place.kind !== "slot" || this.#tickets.has(id)) return;
    this.#tickets.set(id, place.ticket);
    this.#order.push(place.ticket);
  }

  #at(at: number, act: () => void): void {
    const after = this.#events.findLastIndex((each) => each.at <= at);
    this.#events.splice(after + 1, 0, { at, act });
  }
}
