/** How one `wait` ended: with the code, or cut off without an answer. */
export type Waited = { readonly kind: "ended"; readonly exitCode: number } | { readonly kind: "cut" };
export type WaitCondition = "not-running" | "removed";

/** Those who wait for the end of one container. */
export class Waits {
  readonly #pending = new Set<{
    readonly condition: WaitCondition;
    readonly settle: (how: Waited) => void;
  }>();

  add(condition: WaitCondition): Promise<Waited> {
    const { promise, resolve } = Promise.withResolvers<Waited>();
    this.#pending.add({ condition, settle: resolve });
    return promise;
  }

  /** Answers those whose condition holds: after an exit `not-running`, after a removal both. */
  settle(reached: WaitCondition, exitCode: number): void {
    for (const wait of this.#pending) {
      if (reached === "not-running" && wait.condition === "removed") continue;
      this.#pending.delete(wait);
      wait.settle({ kind: "ended", exitCode });
    }
  }

  cut(): void {
    for (const wait of this.#pending) wait.settle({ kind: "cut" });
    this.#pending.clear();
  }
}
