import type { Tended } from "../../worker/execution/rpc.ts";
import type { World } from "./world.ts";

const ASKS_EVERY_MS = 30_000;

/** Other executions of the deployment, as far as they compete for slots: each asks, holds a slot for a while, and goes. */
export class Crowd {
  readonly #world: World;
  /** How long each holds its slot, and since when. */
  readonly #members = new Map<string, { readonly ms: number; heldSince: number | null }>();

  constructor(world: World) {
    this.#world = world;
  }

  join(ms: number): void {
    const id = this.#world.freshId("crowd");
    this.#members.set(id, { ms, heldSince: null });
    this.ask(id);
  }

  ask(id: string): void {
    const member = this.#members.get(id);
    if (member === undefined || member.heldSince !== null) return;
    const { admission, agenda } = this.#world;
    if (admission.request(id, agenda.now + ASKS_EVERY_MS).kind === "waiting") {
      agenda.in(ASKS_EVERY_MS, () => this.ask(id));
      return;
    }
    member.heldSince = agenda.now;
    this.#world.faults.happened("crowded");
    this.#hold(id);
  }

  tend(id: string): Tended {
    const isLive = this.#members.has(id);
    return { live: isLive, nextDeadlineAt: this.#world.agenda.now + ASKS_EVERY_MS, destroyedMs: null };
  }

  #hold(id: string): void {
    const { admission, agenda } = this.#world;
    const member = this.#members.get(id);
    if (member?.heldSince == null) return;
    const until = member.heldSince + member.ms;
    if (agenda.now >= until) {
      this.#members.delete(id);
      admission.release(id, null);
      return;
    }
    admission.renew(id, agenda.now + ASKS_EVERY_MS);
    agenda.at(Math.min(until, agenda.now + ASKS_EVERY_MS), () => this.#hold(id));
  }
}
