/** Counts what is under way in an object that only the runtime can end: ciphers and bodies, not what a test holds up. */
export class Activity {
  #underWay = 0;

  async during<T>(work: Promise<T>): Promise<T> {
    this.#underWay += 1;
    try {
      return await work;
    } finally {
      this.#underWay -= 1;
    }
  }

  /** Resolves when nothing has been under way for some turns of the event loop. */
  async quiet(): Promise<void> {
    for (let calmTurns = 0; calmTurns < CALM_TURNS; calmTurns += 1) {
      await scheduler.wait(0);
      if (this.#underWay > 0) calmTurns = 0;
    }
  }
}

// A promise that one object's turn resolves for another's takes a turn of the event loop; a chain of them a few.
const CALM_TURNS = 6;
