import type { Beat, Directive } from "../shared/beat.ts";
import { BEAT_VERSION } from "../shared/beat.ts";
import type { Progress, Terminal } from "../shared/job-result.ts";
import { Limits } from "../shared/limits.ts";
import { type EventBody, Outbox } from "./beats/outbox.ts";
import { answerMs, nextBeatAt } from "./beats/pace.ts";
import { type Answer, type Fetch, postBeat } from "./beats/post.ts";
import { type TerminalDetail, fitTerminal, lessDetail } from "./beats/terminal.ts";
import type { Clock, Log } from "./ports.ts";

/** What a beat tells besides events, read at the moment it is sent. */
export type Liveness = {
  readonly phase: string;
  readonly outputAgeMs: number | null;
  readonly toolAgeMs: number | null;
  readonly progress?: Progress;
};

export type BeatOptions = {
  readonly fetch: Fetch;
  readonly clock: Clock;
  readonly log: Log;
  readonly url: string;
  readonly beatKey: string;
  readonly identity: Pick<Beat, "jobId" | "attempt" | "instance" | "boot">;
  readonly nextBeatMs: number;
  readonly liveness: () => Liveness;
  /** Called for every directive of every reply: a wish is repeated until it is carried out. */
  readonly onDirective: (directive: Directive) => void;
  /** Another attempt owns the job; nothing is sent any more. */
  readonly onStale: () => void;
};

export type BeatClient = {
  readonly push: (event: EventBody) => void;
  /** Tells the end until it is stored; the first end given stands. `unsent` where the client was closed or its attempt replaced. */
  readonly finish: (terminal: Terminal) => Promise<"stored" | "unsent">;
  /** Sends at once; true when everything pushed so far is stored within the time. */
  readonly flush: (timeoutMs: number) => Promise<boolean>;
  /** Whether everything pushed, the end included, is stored. */
  readonly isDrained: () => boolean;
  readonly close: () => void;
  /** Settles when nothing will be sent any more. */
  readonly closed: Promise<void>;
};

/**
 * Beats for one attempt until its end is stored: by a timer of its own, one in flight, events gathered in between. The
 * work never waits for it.
 */
export function startBeats(options: BeatOptions): BeatClient {
  return new Beats(options).client();
}

/** Whatever a reply says, an object is not left without a sign of life for longer. */
const MAX_BEAT_INTERVAL_MS = 600_000;

/** Replies that store nothing, after which the end is worth more than the events before it. */
const STUCK = 3;

/** For an exchange that began before a flush; a beat that is sent twice is stored once. */
const FLUSH_PATIENCE_MS = 1_000;

class Beats {
  readonly #options: BeatOptions;
  readonly #outbox = new Outbox();
  readonly #closed = new AbortController();
  readonly #waiters = new Set<() => void>();
  #wake = new AbortController();
  #inFlight = new AbortController();
  #startedAt = 0;
  /** Of the newest beat. */
  #number = 0;
  #endedAt = 0;
  #nextBeatMs: number;
  #failures = 0;
  #unsentSince: number | null = null;
  #urgent = false;
  #terminal: Terminal | null = null;
  #terminalDetail: TerminalDetail = "whole";
  #terminalStored = false;
  /** Set once a beat with events and the end was refused: apart, it shows which of the two was the reason. */
  #endsAlone = false;
  /** Replies in a row that stored none of the events sent; the end then no longer waits for them. */
  #stuckReplies = 0;

  constructor(options: BeatOptions) {
    this.#options = options;
    this.#nextBeatMs = options.nextBeatMs;
  }

  client(): BeatClient {
    void this.#run();
    return {
      push: (event) => this.#push(event),
      finish: (terminal) => this.#finish(terminal),
      flush: (timeoutMs) => this.#flush(timeoutMs),
      isDrained: () => this.#isDrained(),
      close: () => this.#close(),
      closed: this.#until(() => false),
    };
  }

  #push(event: EventBody): void {
    if (this.#closed.signal.aborted) return;
    const now = this.#options.clock.now();
    this.#outbox.add({ ...event, at: now });
    if (this.#unsentSince === null) {
      this.#unsentSince = now;
      this.#wake.abort();
    }
  }

  async #finish(terminal: Terminal): Promise<"stored" | "unsent"> {
    this.#terminal ??= terminal;
    this.#hurry();
    await this.#until(() => this.#terminalStored);
    return this.#terminalStored ? "stored" : "unsent";
  }

  async #flush(timeoutMs: number): Promise<boolean> {
    const { clock } = this.#options;
    const over = new AbortController();
    const inFlight = this.#inFlight;
    // What is under way may never be answered, and all that came since waits behind it.
    void clock.sleep(Math.min(FLUSH_PATIENCE_MS, timeoutMs / 4), over.signal).then(
      () => inFlight.abort(new Error("no answer before a flush")),
      () => undefined,
    );
    this.#failures = 0;
    this.#hurry();
    const drained = this.#until(() => this.#isDrained());
    await Promise.race([drained, clock.sleep(timeoutMs, over.signal).catch(() => undefined)]);
    over.abort();
    return this.#isDrained();
  }

  #isDrained(): boolean {
    return this.#outbox.size === 0 && (this.#terminal === null || this.#terminalStored);
  }

  #hurry(): void {
    this.#urgent = true;
    this.#wake.abort();
  }

  #close(): void {
    this.#closed.abort();
    this.#inFlight.abort(new Error("beats are over"));
    this.#wake.abort();
    for (const settle of this.#waiters) settle();
  }

  /** Resolves when the condition holds after an exchange, or when the client closes. */
  async #until(condition: () => boolean): Promise<void> {
    while (!condition() && !this.#closed.signal.aborted) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiters.add(resolve);
      await promise;
      this.#waiters.delete(resolve);
    }
  }

  async #run(): Promise<void> {
    while (!this.#closed.signal.aborted) {
      await this.#exchange();
      for (const settle of this.#waiters) settle();
      if (this.#terminalStored) this.#close();
      await this.#untilDue();
    }
  }

  async #untilDue(): Promise<void> {
    const { clock } = this.#options;
    while (!this.#closed.signal.aborted) {
      const remainingMs = nextBeatAt(this.#pace()) - clock.now();
      if (remainingMs <= 0) return;
      this.#wake = new AbortController();
      await clock.sleep(remainingMs, this.#wake.signal).catch(() => undefined);
    }
  }

  #pace(): Parameters<typeof nextBeatAt>[0] {
    return {
      startedAt: this.#startedAt,
      endedAt: this.#endedAt,
      nextBeatMs: this.#nextBeatMs,
      failures: this.#failures,
      unsentSince: this.#unsentSince,
      urgent: this.#urgent,
    };
  }

  async #exchange(): Promise<void> {
    const { clock, fetch, url, beatKey } = this.#options;
    this.#startedAt = clock.now();
    const beat = this.#makeBeat();
    this.#urgent = false;
    this.#unsentSince = this.#outbox.size > beat.events.length ? this.#startedAt : null;
    const over = new AbortController();
    this.#inFlight = over;
    const timer = clock.sleep(answerMs(this.#nextBeatMs), over.signal).then(
      () => over.abort(new Error("no answer in time")),
      () => undefined,
    );
    const answer = await postBeat(beat, { fetch, url, beatKey, signal: over.signal });
    over.abort();
    await timer;
    this.#endedAt = clock.now();
    if (!this.#closed.signal.aborted) this.#take(answer, beat);
  }

  #makeBeat(): Beat {
    const { identity, liveness, clock } = this.#options;
    this.#number += 1;
    const head = {
      v: BEAT_VERSION,
      ...identity,
      number: this.#number,
      sentAt: clock.now(),
      ...liveness(),
    } as const;
    // The object takes an end only together with all events that come with it.
    if (this.#terminal !== null && this.#stuckReplies >= STUCK) {
      return { ...head, events: [], terminal: fitTerminal(this.#terminal, this.#terminalDetail) };
    }
    const room = Limits.beatBytes - Buffer.byteLength(JSON.stringify(head)) - 200;
    const events = [...this.#outbox.nextBatch(room)];
    if (this.#terminal === null || !this.#mayEnd(events.length)) return { ...head, events };
    return { ...head, events, terminal: fitTerminal(this.#terminal, this.#terminalDetail) };
  }

  /** The end goes with the last of the events: what comes after it would no longer be taken. */
  #mayEnd(batchLength: number): boolean {
    if (this.#outbox.size === 0) return true;
    return !this.#endsAlone && batchLength === this.#outbox.size;
  }

  #take(answer: Answer, beat: Beat): void {
    const { log, onStale } = this.#options;
    switch (answer.kind) {
      case "stored":
        this.#takeReply(answer.reply, beat);
        break;
      case "stale":
        log.write("warn", "beat.stale");
        this.#close();
        onStale();
        break;
      case "refused":
        this.#takeRefusal(answer, beat);
        break;
      case "failed":
        this.#failures += 1;
        log.write("warn", "beat.failed", { why: answer.why, failures: this.#failures });
        break;
    }
  }

  #takeReply(reply: Extract<Answer, { kind: "stored" }>["reply"], beat: Beat): void {
    const stored = this.#outbox.acknowledge(reply.ack);
    const isStuck = beat.events.length > 0 && stored === 0;
    if (beat.events.length > 0) this.#stuckReplies = isStuck ? this.#stuckReplies + 1 : 0;
    this.#failures = isStuck ? this.#failures + 1 : 0;
    this.#nextBeatMs = Math.min(reply.nextBeatMs, MAX_BEAT_INTERVAL_MS);
    if (this.#outbox.size > 0) this.#unsentSince ??= this.#endedAt;
    const isComplete = beat.events.length === 0 || stored >= beat.events.length;
    if (beat.terminal !== undefined && isComplete) this.#terminalStored = true;
    else if (this.#terminal !== null) this.#urgent = true;
    for (const directive of reply.directives) this.#options.onDirective(directive);
  }

  /** Halving goes on at once, since smaller beats may pass; what cannot be made smaller waits like any failure. */
  #takeRefusal(answer: Extract<Answer, { kind: "refused" }>, beat: Beat): void {
    const { log } = this.#options;
    const before = this.#failures;
    log.write("warn", "beat.refused", { why: answer.why, events: beat.events.length });
    this.#urgent = true;
    this.#failures = 0;
    if (beat.terminal !== undefined && beat.events.length > 0 && !this.#endsAlone) {
      this.#endsAlone = true;
    } else if (this.#outbox.refuse(beat.events.length) === "nothing-to-drop") {
      if (beat.terminal === undefined || this.#terminalDetail === "bare") this.#failures = before + 1;
      else this.#terminalDetail = lessDetail(this.#terminalDetail);
    }
  }
}
