import type { AdmissionPort, SlotAnswer } from "../../../worker/ports.ts";
import type { Activity } from "./activity.ts";

/** The line of executions as one of them sees it: it grants at once unless a test says otherwise. */
export class FakeLine implements AdmissionPort {
  readonly calls: string[] = [];
  answer: SlotAnswer = { kind: "granted" };
  /** Every call waits for it, outside of what the object has under way. */
  until: Promise<void> | null = null;
  /** Thrown at every call while it stands. */
  failure: Error | null = null;
  readonly #activity: Activity;

  constructor(activity: Activity) {
    this.#activity = activity;
  }

  readonly request = (): Promise<SlotAnswer> => this.#called("request", () => this.answer);
  readonly renew = (): Promise<boolean> => this.#called("renew", () => true);
  readonly release = (): Promise<void> => this.#called("release", () => undefined);

  async #called<T>(name: string, answer: () => T): Promise<T> {
    this.calls.push(name);
    if (this.until !== null) await this.until;
    const call = async (): Promise<T> => {
      if (this.failure !== null) throw this.failure;
      return answer();
    };
    return this.#activity.during(call());
  }
}
