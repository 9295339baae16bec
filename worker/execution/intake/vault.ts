import * as z from "zod";
import type { Beat } from "../../../shared/beat.ts";
import type { Terminal } from "../../../shared/job-result.ts";
import { createRedactor, redact, type Redactor, secretsOfSpec } from "../../../shared/redact.ts";
import type { HarnessView } from "../../../shared/harness-wire.ts";
import { constantTimeEqual } from "../../keys.ts";
import type { SealedChunk, Sealer, SpecPlace } from "../../sealing.ts";
import { type ExecutionState, isLive, type Job } from "../state.ts";
import type { Store } from "../store.ts";

/**
 * What is secret of an execution: opened specs and the redactors that know their values, in memory only, and the keys
 * that derive from the sealing key.
 */
export class Vault {
  readonly #name: () => string;
  readonly #sealer: Sealer | null;
  readonly #store: Store;
  readonly #opened = new Map<string, Opened>();

  /** @param name the execution's, which is part of every key; not known to an object before its first dispatch */
  constructor(name: () => string, sealer: Sealer | null, store: Store) {
    this.#name = name;
    this.#sealer = sealer;
    this.#store = store;
  }

  /** Whether job bodies can be taken in at all. */
  get canSeal(): boolean {
    return this.#sealer !== null;
  }

  /** A job body as it is stored. Throws where nothing can be sealed. */
  seal(place: SpecPlace, spec: string): Promise<readonly SealedChunk[]> {
    return this.#seal(place, { spec, formerSecrets: [] });
  }

  /** The same round's body with other credentials; the old ones stay known, since the running harness has them. */
  async reseal(place: SpecPlace, spec: string): Promise<readonly SealedChunk[]> {
    const before = await this.#open(place);
    const known = before === null ? [] : [...before.formerSecrets, ...secretsOfSpec(JSON.parse(before.spec))];
    return this.#seal(place, { spec, formerSecrets: [...new Set(known)].slice(-FORMER_SECRETS_MAX) });
  }

  /** The job body as it was dispatched; null where no sealing key opens it. */
  async openSpec(job: Pick<Job, "jobId" | "round">): Promise<string | null> {
    return (await this.#open(job))?.spec ?? null;
  }

  /** Must be called when a spec was replaced. */
  forget(jobId: string): void {
    for (const key of this.#opened.keys()) {
      if (key.startsWith(`${jobId}\n`)) this.#opened.delete(key);
    }
  }

  /** Credentials stay in memory no longer than the work they are for. */
  keepOnly(live: readonly Pick<Job, "jobId" | "round">[]): void {
    const kept = new Set(live.map(({ jobId, round }) => keyOf(jobId, round)));
    for (const key of this.#opened.keys()) {
      if (!kept.has(key)) this.#opened.delete(key);
    }
  }

  controlKey(keyId: string, instance: string): Promise<string | null> {
    return this.#sealer?.controlKey(keyId, { executionId: this.#name(), instance }) ?? Promise.resolve(null);
  }

  beatKey(job: Job, place: { readonly instance: string; readonly attempt: number }): Promise<string | null> {
    const { jobId, past } = job;
    const isPast = past?.attempt === place.attempt && past.instance === place.instance;
    const keyId = isPast ? (past.keyId ?? job.keyId) : job.keyId;
    return (
      this.#sealer?.beatKey(keyId, { executionId: this.#name(), jobId, ...place }) ?? Promise.resolve(null)
    );
  }

  /** Whether this key is the one of the attempt the beat names. */
  async isBeatKey(
    job: Job,
    { instance, attempt }: Pick<Beat, "instance" | "attempt">,
    key: string,
  ): Promise<boolean> {
    const right = await this.beatKey(job, { instance, attempt });
    return right !== null && constantTimeEqual(right, key);
  }

  /** The beat without any known secret, as it may be stored; null where the spec cannot be opened to know them. */
  async redactBeat(job: Job, beat: Beat): Promise<Beat | null> {
    const opened = await this.#open(job);
    if (opened === null) return null;
    const { redactor } = opened;
    const all = (text: string): string => redactor.redact(text);
    // A result is an answer: only values known to be secret, and tokens that say what they are, are taken out of it.
    const known = (text: string): string => redactor.redactKnown(text);
    const { terminal, progress, ...rest } = beat;
    return {
      ...rest,
      phase: all(beat.phase),
      events: walk(beat.events, all),
      ...(progress === undefined ? {} : { progress: walk(progress, all) }),
      ...(terminal === undefined ? {} : { terminal: redactTerminal(terminal, all, known) }),
    };
  }

  /** A text of the harness as it may be stored. */
  async redactText(job: Job, text: string): Promise<string> {
    const opened = await this.#open(job);
    return opened === null ? "(dropped: the stored job cannot be opened)" : opened.redactor.redact(text);
  }

  /** A caller's text without the secrets of any live job. One after the other: all specs at once may not fit. */
  async redactFor(state: ExecutionState | null, text: string): Promise<string> {
    let safe = redact(text);
    for (const job of state?.jobs.filter((each) => isLive(each)) ?? []) {
      const opened = this.#opened.get(keyOf(job.jobId, job.round)) ?? (await this.#read(job));
      safe = opened?.redactor.redact(safe) ?? safe;
    }
    return safe;
  }

  /** The harness's own view of a job as it may be stored. */
  async redactView(job: Job, view: HarnessView): Promise<HarnessView> {
    const { id, state, startedAt, heartbeatAt, boot, instance, attempt, result, ...told } = view;
    const named = { id, state, startedAt, heartbeatAt, boot, instance, attempt };
    const opened = await this.#open(job);
    if (opened === null) return { ...named, phase: job.phase };
    const { redactor } = opened;
    const kept = result === undefined ? {} : { result: walk(result, (text) => redactor.redactKnown(text)) };
    return { ...named, ...walk(told, (text) => redactor.redact(text)), ...kept };
  }

  #seal(place: SpecPlace, record: SealedRecord): Promise<readonly SealedChunk[]> {
    if (this.#sealer === null) throw new Error("no sealing key is configured");
    return this.#sealer.seal(place, JSON.stringify(record));
  }

  async #open({ jobId, round }: Pick<Job, "jobId" | "round">): Promise<Opened | null> {
    const key = keyOf(jobId, round);
    const known = this.#opened.get(key);
    if (known !== undefined) return known;
    const opened = await this.#read({ jobId, round });
    if (opened !== null) this.#opened.set(key, opened);
    return opened;
  }

  async #read({ jobId, round }: Pick<Job, "jobId" | "round">): Promise<Opened | null> {
    const text = await this.#sealer?.open(
      { executionId: this.#name(), jobId, round },
      this.#store.spec(jobId, round),
    );
    if (text === null || text === undefined) return null;
    const { spec, formerSecrets } = SealedRecord.parse(JSON.parse(text));
    const redactor = createRedactor([...formerSecrets, ...secretsOfSpec(JSON.parse(spec))]);
    return { spec, formerSecrets, redactor };
  }
}

function keyOf(jobId: string, round: number): string {
  return `${jobId}\n${round}`;
}

/** What is sealed: the body, and credentials it once had. */
const SealedRecord = z.object({ spec: z.string(), formerSecrets: z.array(z.string()) });
type SealedRecord = z.infer<typeof SealedRecord>;
type Opened = SealedRecord & { readonly redactor: Redactor };

/** A re-dispatch brings a handful of credentials; more generations than this are not redacted by value. */
const FORMER_SECRETS_MAX = 64;

function redactTerminal(terminal: Terminal, all: Mask, known: Mask): Terminal {
  if (terminal.state === "done") return { state: "done", result: walk(terminal.result, known) };
  const { result, ...end } = terminal;
  return { ...walk(end, all), ...(result === undefined ? {} : { result: walk(result, known) }) };
}

type Mask = (text: string) => string;

/** Every string leaf and key through `redact`. The depth is bounded: it was measured before the text was parsed. */
function walk<T>(value: T, redact: (text: string) => string): T;
function walk(value: unknown, redact: (text: string) => string): unknown {
  if (typeof value === "string") return redact(value);
  if (Array.isArray(value)) return value.map((each: unknown) => walk(each, redact));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [redact(key), walk(each, redact)]));
}
