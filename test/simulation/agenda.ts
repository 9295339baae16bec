type Entry = { readonly at: number; readonly rank: number; readonly act: () => void };

/** The one clock of a simulated world, and all that is to happen in it, earliest first. */
export class Agenda {
  now: number;
  /** How much has happened. */
  happened = 0;
  #entries: Entry[] = [];

  constructor(now: number) {
    this.now = now;
  }

  get size(): number {
    return this.#entries.length;
  }

  in(ms: number, act: () => void): void {
    this.at(this.now + ms, act);
  }

  /** @param rank among what happens at one moment the lower comes first, then what was put down first */
  at(at: number, act: () => void, rank = 1): void {
    const entry = { at: Math.max(at, this.now), rank, act };
    let index = this.#entries.length;
    while (index > 0 && isAfter(this.#entries[index - 1], entry)) index -= 1;
    this.#entries.splice(index, 0, entry);
  }

  /** Lets everything happen that is due until then. */
  runUntil(at: number): void {
    for (let next = this.#entries[0]; next !== undefined && next.at <= at; next = this.#entries[0])
      this.runNext();
    this.now = Math.max(this.now, at);
  }

  /** @returns false where nothing is left to happen */
  runNext(): boolean {
    const next = this.#entries.shift();
    if (next === undefined) return false;
    this.now = Math.max(this.now, next.at);
    this.happened += 1;
    next.act();
    return true;
  }
}

function isAfter(entry: Entry | undefined, other: Entry): boolean {
  return entry !== undefined && (entry.at > other.at || (entry.at === other.at && entry.rank > other.rank));
}
