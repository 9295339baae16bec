import type { AttemptEnvelope, HarnessView } from "../shared/harness-wire.ts";
import type { AgentJob } from "../shared/job-body.ts";
import { type Entry, type EntryDeps, type StopWish, startEntry } from "./registry/entry.ts";
import type { Drained } from "./registry/telemetry.ts";
import { toView } from "./registry/view.ts";

export type RegistryOptions = EntryDeps & { readonly instance: string | null };

export type StartRequest = {
  readonly job: AgentJob;
  readonly envelope: AttemptEnvelope | null;
  /** Every secret value that came with the job. */
  readonly secrets: readonly string[];
};

export type StartAnswer =
  | { readonly kind: "accepted"; readonly state: HarnessView["state"]; readonly beats: boolean }
  | { readonly kind: "stale-attempt"; readonly current: number };

export type Registry = {
  /**
   * Begins a job, or attaches to it where it is known: by its id, and with an attempt by both. A higher attempt of a known
   * job takes its place and begins when the processes of the one before are gone; a lower one is refused.
   */
  readonly start: (request: StartRequest) => StartAnswer;
  /**
   * The view with what came in since the last read; undefined for an unknown id. With a cursor, with what came in after
   * it, and where the next read goes on: that takes nothing away and can be repeated when an answer was lost.
   */
  readonly read: (id: string, after?: string) => HarnessView | undefined;
  /** @returns the job's state at this moment; undefined for an unknown id */
  readonly stop: (id: string, wish: StopWish) => HarnessView["state"] | undefined;
  /** Jobs at work, and ended ones whose end is not stored yet. */
  readonly held: () => readonly Entry[];
  /** Ends what jobs that are done left standing. */
  readonly releaseAll: () => Promise<void>;
  /** Whether something outlives its job at this moment. */
  readonly isKeeping: () => boolean;
  /** Whether a job was ever accepted. */
  readonly wasUsed: () => boolean;
};

/** Ended jobs that can be read however old they are; the oldest are forgotten first. */
const ENDED_KEPT = 50;

/** To who polls, a job that is not known is one that was lost and has to be begun again: no poll is ever this late. */
const POLLED_FOR_MS = 60 * 60_000;

/** Ended jobs at most, whatever their age: each may hold a result of a megabyte. */
const MAX_ENDED = 200;

/**
 * Ended jobs whose secrets are still looked for in every text: what they left lying about may be read aloud by the next
 * ones. More would cost the jobs at work the rarer spellings of their own, and each dispatch a longer pause.
 */
const SECRETS_KEPT = 5;

export function createRegistry(options: RegistryOptions): Registry {
  const entries = new Map<string, Entry>();
  const delivered = new Set<Entry>();
  let used = false;

  const forgetOldest = (): void => {
    const polledSince = options.clock.now() - POLLED_FOR_MS;
    const newestFirst = [...delivered].toReversed();
    newestFirst.slice(SECRETS_KEPT).forEach((entry) => options.secrets.remove(ownerOf(entry)));
    for (const [place, entry] of newestFirst.entries()) {
      const isPolled = place < ENDED_KEPT || entry.telemetry.heartbeatAt > polledSince;
      if (isPolled && place < MAX_ENDED) continue;
      delivered.delete(entry);
      if (entries.get(entry.id) === entry) entries.delete(entry.id);
    }
  };

  const releaseAll = async (): Promise<void> => {
    await Promise.all([...entries.values()].map(({ running }) => running.release()));
  };

  const keepUntilForgotten = async (entry: Entry): Promise<void> => {
    await entry.delivered;
    delivered.add(entry);
    forgetOldest();
  };

  const begin = ({ job, envelope, secrets }: StartRequest, known: Entry | undefined): Entry => {
    used = true;
    known?.supersede();
    // what outlives its job holds ports that the next frontend would want
    const released = servesFrontend(job) ? releaseAll() : Promise.resolve();
    const attempt = envelope?.attempt ?? null;
    options.secrets.add(
      ownerOf({ id: job.jobId, attempt }),
      envelope === null ? secrets : [...secrets, envelope.beatKey],
    );
    const entry = startEntry(options, {
      job,
      envelope,
      after: Promise.all([known && endOf(known), released]),
    });
    entries.set(job.jobId, entry);
    void keepUntilForgotten(entry);
    return entry;
  };

  return {
    start: (request) => {
      const known = entries.get(request.job.jobId);
      const attempt = request.envelope?.attempt ?? null;
      const knownAttempt = known?.attempt ?? 0;
      if (known !== undefined && attempt !== null && attempt < knownAttempt) {
        return { kind: "stale-attempt", current: knownAttempt };
      }
      const isKnown = known !== undefined && (attempt === null || attempt === knownAttempt);
      const entry = isKnown ? known : begin(request, known);
      return { kind: "accepted", state: stateOf(entry), beats: entry.beats !== null };
    },
    read: (id, after) => {
      const entry = entries.get(id);
      if (entry === undefined) return undefined;
      const { attempt, telemetry } = entry;
      const { boot, instance } = options;
      const isKeeping = entry.running.isKeeping();
      const view = toView({ id, boot, instance, attempt, telemetry, terminal: entry.terminal(), isKeeping });
      return { ...view, ...(after === undefined ? drainedOf(entry) : cameAfter(entry, after)) };
    },
    stop: (id, wish) => {
      const entry = entries.get(id);
      entry?.stop(wish);
      if (entry !== undefined) void endOf(entry);
      return entry && stateOf(entry);
    },
    held: () => [...entries.values()].filter((entry) => !delivered.has(entry)),
    releaseAll,
    isKeeping: () => [...entries.values()].some(({ running }) => running.isKeeping()),
    wasUsed: () => used,
  };
}

function servesFrontend({ mode, infra }: AgentJob): boolean {
  return mode !== "coding" && infra?.kind === "frontend";
}

function stateOf(entry: Entry): HarnessView["state"] {
  return entry.terminal()?.state ?? "running";
}

/** Settles when nothing of a job is left, not even what outlives it. */
async function endOf({ running }: Entry): Promise<void> {
  await running.ended;
  await running.release();
}

function ownerOf({ id, attempt }: Pick<Entry, "id" | "attempt">): string {
  return `${attempt ?? 0} ${id}`;
}

/** Handed over once, to those who poll; where beats carry it, a poll would only bring it twice. */
function drainedOf(entry: Entry): Pick<HarnessView, "spans" | "followUps"> {
  if (entry.beats !== null) return {};
  return toFields(entry.telemetry.drain());
}

/** What is no cursor gets nothing it could mistake for news. */
function cameAfter({ telemetry }: Entry, cursor: string): Partial<HarnessView> {
  const read = telemetry.after(cursor);
  if (read === null) return {};
  const { missed, cursor: next } = read;
  return { ...toFields(read), cursor: next, ...(missed > 0 && { missed }) };
}

function toFields({ spans, followUps }: Drained): Pick<HarnessView, "spans" | "followUps"> {
  return {
    ...(spans.length > 0 && { spans: [...spans] }),
    ...(followUps.length > 0 && { followUps: [...followUps] }),
  };
}
