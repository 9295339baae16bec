/**
 * What pollers are told of a job's work: handed over once to who asks plainly, and again to who names where it stands.
 * The newest stay; what had to give way is counted.
 */
export class Reel<Item> {
  readonly #maxItems: number;
  readonly #maxChars: number;
  readonly #charsOf: (item: Item) => number;
  readonly #items: Item[] = [];
  #chars = 0;
  /** Items that gave way: the first one kept is the one after them. */
  #gone = 0;
  #handedOver = 0;

  constructor(options: {
    readonly maxItems: number;
    readonly maxChars: number;
    readonly charsOf: (item: Item) => number;
  }) {
    this.#maxItems = options.maxItems;
    this.#maxChars = options.maxChars;
    this.#charsOf = options.charsOf;
  }

  /** How many there have ever been. */
  get count(): number {
    return this.#gone + this.#items.length;
  }

  push(item: Item): void {
    this.#items.push(item);
    this.#chars += this.#charsOf(item);
    while (this.#items.length > this.#maxItems || (this.#chars > this.#maxChars && this.#items.length > 1)) {
      const gone = this.#items.shift();
      if (gone !== undefined) this.#chars -= this.#charsOf(gone);
      this.#gone += 1;
    }
  }

  /** What came in since the last call. */
  drain(): readonly Item[] {
    const { items } = this.after(this.#handedOver);
    this.#handedOver = this.count;
    return items;
  }

  /** What came in after the first `seen`, and how many of them are gone. */
  after(seen: number): { readonly items: readonly Item[]; readonly missed: number } {
    return {
      items: this.#items.slice(Math.max(0, seen - this.#gone)),
      missed: Math.max(0, this.#gone - seen),
    };
  }
}
