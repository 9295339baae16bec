import { EventKinds } from "../../shared/events.ts";
import type { FollowUp, Progress } from "../../shared/job-result.ts";
import { Limits } from "../../shared/limits.ts";

/** What a harness reports, before it has a number. Texts are redacted and within the limits of an event. */
export type EventBody =
  | { readonly kind: "phase"; readonly phase: string }
  | { readonly kind: "output"; readonly stream: "agent" | "stderr" | "harness"; readonly text: string }
  | {
      readonly kind: "tool-start";
      readonly tool: string;
      readonly callId: string;
      readonly argsSummary?: string;
    }
  | {
      readonly kind: "tool-end";
      readonly tool: string;
      readonly callId: string;
      readonly ok: boolean;
      readonly durationMs: number;
      readonly argsSummary?: string;
    }
  | { readonly kind: "progress"; readonly progress: Progress }
  | { readonly kind: "follow-up"; readonly followUp: FollowUp }
  | {
      readonly kind: "usage";
      readonly model?: string;
      readonly inputTokens: number;
      readonly cacheReadTokens: number;
      readonly cacheWriteTokens: number;
      readonly outputTokens: number;
    }
  | { readonly kind: "note"; readonly code: string; readonly text: string }
  | { readonly kind: "gap"; readonly count: number; readonly reason: string };

export type TimedEvent = EventBody & { readonly at: number };
export type NumberedEvent = TimedEvent & { readonly seq: number };

export type OutboxLimits = { readonly bufferBytes: number; readonly batchEvents: number };

/** What became of a batch the object would not take. */
export type Refused = "halved" | "dropped" | "nothing-to-drop";

/**
 * The events of one attempt on their way to the object. An event is numbered when it is first taken into a batch and
 * keeps its number until it is acknowledged, so numbers are dense from 1 and an overflow, which drops only what was never
 * sent, leaves no hole: a counted gap takes the place. Deterministic, without clock or network.
 */
export class Outbox {
  readonly #limits: OutboxLimits;
  #numbered: Entry<NumberedEvent>[] = [];
  #waiting: Entry<TimedEvent>[] = [];
  #bytes = 0;
  #lastSeq = 0;
  #batchEvents: number;

  constructor(
    limits: OutboxLimits = { bufferBytes: Limits.beatBufferBytes, batchEvents: Limits.beatEvents },
  ) {
    this.#limits = limits;
    this.#batchEvents = limits.batchEvents;
  }

  /** Events not acknowledged yet. */
  get size(): number {
    return this.#numbered.length + this.#waiting.length;
  }

  get bytes(): number {
    return this.#bytes;
  }

  add(event: TimedEvent): void {
    const entry = toEntry(event);
    this.#waiting.push(entry);
    this.#bytes += entry.bytes;
    if (this.#bytes > this.#limits.bufferBytes) this.#makeRoom();
  }

  /** The oldest unacknowledged events that fit, at least one where there is any; the same again until acknowledged. */
  nextBatch(maxBytes: number): readonly NumberedEvent[] {
    const batch: NumberedEvent[] = [];
    let bytes = 0;
    const fits = (entry: Entry<TimedEvent>): boolean =>
      batch.length === 0 || (batch.length < this.#batchEvents && bytes + entry.bytes <= maxBytes);
    for (const entry of this.#numbered) {
      if (!fits(entry)) return batch;
      batch.push(entry.event);
      bytes += entry.bytes;
    }
    let taken = 0;
    for (const entry of this.#waiting) {
      if (!fits(entry)) break;
      this.#lastSeq += 1;
      const event = { ...entry.event, seq: this.#lastSeq };
      this.#numbered.push({ event, bytes: entry.bytes });
      batch.push(event);
      bytes += entry.bytes;
      taken += 1;
    }
    this.#waiting.splice(0, taken);
    return batch;
  }

  /** Forgets what is stored. @returns how many events that were */
  acknowledge(ack: number): number {
    const firstKept = this.#numbered.findIndex((entry) => entry.event.seq > ack);
    const gone = this.#numbered.splice(0, firstKept === -1 ? this.#numbered.length : firstKept);
    for (const entry of gone) this.#bytes -= entry.bytes;
    if (gone.length > 0) this.#batchEvents = Math.min(this.#limits.batchEvents, this.#batchEvents * 2);
    return gone.length;
  }

  /** The object refused the last batch as malformed or too large: the next is half of it, down to one event, which is dropped. */
  refuse(batchLength: number): Refused {
    if (batchLength > 1) {
      this.#batchEvents = Math.floor(batchLength / 2);
      return "halved";
    }
    const [first] = this.#numbered;
    if (batchLength === 0 || first === undefined || first.event.kind === "gap") return "nothing-to-drop";
    const { seq, at } = first.event;
    const gap = toEntry({ seq, at, kind: "gap", count: 1, reason: "refused by the object" } as const);
    this.#bytes += gap.bytes - first.bytes;
    this.#numbered[0] = gap;
    return "dropped";
  }

  /** Drops the oldest events that only show the way, then the oldest of any kind; frees a slice, to be called seldom. */
  #makeRoom(): void {
    let toFree = this.#bytes - (this.#limits.bufferBytes - Math.floor(this.#limits.bufferBytes / 16));
    for (const mayDrop of [isPrunable, isNoGap]) {
      const kept: Entry<TimedEvent>[] = [];
      for (const entry of this.#waiting) {
        const drop = toFree > 0 && mayDrop(entry.event);
        if (drop) toFree -= entry.bytes;
        const next = drop
          ? toEntry({ kind: "gap", at: entry.event.at, count: 1, reason: OVERFLOW } as const)
          : entry;
        const before = kept.at(-1);
        if (before?.event.kind === "gap" && next.event.kind === "gap") {
          kept[kept.length - 1] = toEntry({ ...before.event, count: before.event.count + next.event.count });
        } else kept.push(next);
      }
      this.#waiting = kept;
    }
    this.#bytes = sumOf(this.#numbered) + sumOf(this.#waiting);
  }
}

type Entry<E> = { readonly event: E; readonly bytes: number };

const OVERFLOW = "the harness's buffer was full";

/** `,"seq":` and a number of up to twelve digits, which are not yet there when an event is measured. */
const SEQ_BYTES = 20;

function toEntry<E extends TimedEvent>(event: E): Entry<E> {
  return { event, bytes: Buffer.byteLength(JSON.stringify(event)) + SEQ_BYTES };
}

function sumOf(entries: ReadonlyArray<Entry<unknown>>): number {
  return entries.reduce((sum, entry) => sum + entry.bytes, 0);
}

function isPrunable(event: EventBody): boolean {
  return EventKinds[event.kind].prunable;
}

function isNoGap(event: EventBody): boolean {
  return event.kind !== "gap";
}
