import type { NumberedEvent } from "../../../container/beats/outbox.ts";

/**
 * What the object does with events, as its protocol says: it stores those that continue the sequence, once, and answers
 * with the highest number it has. Everything else changes nothing.
 */
export class ModelObject {
  readonly stored: NumberedEvent[] = [];

  get ack(): number {
    return this.stored.length;
  }

  take(events: readonly NumberedEvent[]): number {
    for (const event of events) if (event.seq === this.ack + 1) this.stored.push(event);
    return this.ack;
  }

  /** How many events the stored gaps stand for. */
  get missing(): number {
    return this.stored.reduce((sum, event) => sum + (event.kind === "gap" ? event.count : 0), 0);
  }
}
