import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import type { BoardPage, Card } from "../../../shared/board.ts";
import { type Dump, dumpOf } from "../execution/dump.ts";
import { type BoardWorld, boardWorldOf } from "./world.ts";

let boards = 0;

/** One board under test: the object, what stands round it, and the hands to move both. */
export class BoardRig {
  readonly name: string;
  readonly world: BoardWorld;

  constructor() {
    boards += 1;
    this.name = `board-${boards}`;
    this.world = boardWorldOf(env.BOARD.idFromName(this.name));
  }

  /** A stub is poisoned by its first error, so each call takes a fresh one. */
  get object() {
    return env.BOARD.getByName(this.name);
  }

  get now(): number {
    return this.world.clock.now();
  }

  tell(...cards: readonly Card[]) {
    return this.object.tell(cards);
  }

  async page(since = "0"): Promise<BoardPage> {
    const read = await this.read(since);
    if (!("page" in read)) throw new Error("unchanged");
    return read.page;
  }

  read(since = "0", options: { readonly tag?: string; readonly waitMs?: number } = {}) {
    const [at = 0, from = at] = since.split(".").map(Number);
    const { tag, waitMs = 0 } = options;
    return this.object.read({ since: { at, from }, waitMs, ...(tag !== undefined && { tag }) });
  }

  dump(): Promise<Dump> {
    return runInDurableObject(this.object, (_, state) => dumpOf(state.storage.sql));
  }

  /** Does something as the world outside would: what it wakes runs in the object. */
  happens(act: () => void): Promise<void> {
    return runInDurableObject(this.object, act);
  }

  alarmAt(): Promise<number | null> {
    return runInDurableObject(this.object, (_, state) => state.storage.getAlarm());
  }

  evict(): Promise<void> {
    return evictDurableObject(this.object);
  }
}
