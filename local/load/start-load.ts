/** A load: many scripted jobs, dispatched over HTTP at a running Worker, each brought to its fate. */
import { join } from "node:path";
import { createClient, type Client } from "../../shared/client.ts";
import type { PolicyRequest } from "../../shared/policy.ts";
import { Closers } from "../closers.ts";
import type { Engine } from "../engine/engine.ts";
import { startModelServer } from "../model/model-server.ts";
import { makeCast, promptOf } from "./cast.ts";
import { endJob } from "./end-job.ts";
import { followBoard } from "./follow-board.ts";
import { type Ground, openGrounds } from "./grounds.ts";
import { judge, see, type Sighting, unseen, type Verdict } from "./judge.ts";
import type { PlannedJob } from "./plan.ts";
import { watchStillness } from "./stillness.ts";
import { type CardFeed, makeCardFeed, makeScene } from "./scene.ts";

export type LoadOptions = {
  /** Where the Worker answers, and a token of scope `dispatch`. */
  readonly url: string;
  readonly token: string;
  /** The one that starts this Worker's containers. */
  readonly engine: Engine;
  /** What the jobs bring for their git host and their model. */
  readonly secrets: { readonly git: string; readonly model: string };
  /** For repositories; belongs to the load. */
  readonly dir: string;
  readonly jobs: readonly PlannedJob[];
  readonly board?: string;
  /** A pause before each reply of the model; default none. */
  readonly paceMs?: number;
  /** Of every policy; default 1. */
  readonly scale?: number;
  /** Jobs are given up when no job has changed for so long; default: never. */
  readonly stillMs?: number;
  readonly log?: (line: string) => void;
  readonly signal: AbortSignal;
};

export type Load = {
  /** Called after each change; returns how to stop listening. */
  readonly onChange: (listener: () => void) => () => void;
  readonly standing: () => readonly Standing[];
  /**
   * Resolves when each job has come to what it was to come to, or to something else; what stays may still live. With
   * `stillMs` not waited for without limit: where no job moves any more, each that is pending is a surprise.
   */
  readonly settled: Promise<void>;
  /**
   * Cancels what still lives, and resolves when it has ended; only then everything is over. A job whose cancel is refused, or
   * that does not end, is a surprise; it is not waited for without limit.
   */
  readonly finish: () => Promise<void>;
  /** Ends the stand-ins of the load, and nothing of the Worker's. */
  readonly close: () => Promise<void>;
};

export type Standing = {
  readonly job: PlannedJob;
  readonly sighting: Sighting;
  readonly verdict: Verdict;
};

type Part = { readonly job: PlannedJob; readonly feed: CardFeed; sighting: Sighting; end: () => void };

/** A job waits for its slot for as long as the load needs; a container is gone soon after its job, so that the next has it. */
const basePolicy: PolicyRequest = { queuedMs: 6 * 3_600_000, idleMs: 500 };
/** Longer than any wait of the API. */
const ANSWER_WITHIN_MS = 60_000;
const END_REASON = "the load is over";
/** A stop is over within a minute; on a machine that ends many at once it takes longer. */
const END_WITHIN_MS = 5 * 60_000;
const RETRY_DELAYS_MS = [250, 1_000, 4_000];

/** Resolves when its stand-ins listen; the jobs are dispatched one after the other from then on. */
export async function startLoad(options: LoadOptions): Promise<Load> {
  const { url, token, engine, secrets, dir, jobs, board = "main", paceMs = 0, scale = 1 } = options;
  const log = options.log ?? (() => undefined);
  const over = new AbortController();
  const signal = AbortSignal.any([options.signal, over.signal]);
  const api = createClient({
    url,
    token,
    // A start of a container waits for some of the answers.
    send: (to, sent) =>
      fetch(to, { ...sent, signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_WITHIN_MS)]) }),
  });
  const closers = new Closers();
  const cast = makeCast();
  const grounds = openGrounds({ dir: join(dir, "load"), token: secrets.git, log });
  closers.add(grounds.close);
  const model = await startModelServer({ script: cast.script, token: secrets.model, log });
  closers.add(() => model.close());
  const parts = new Map<string, Part>(
    jobs.map((job) => [job.jobId, { job, feed: makeCardFeed(), sighting: unseen, end: () => undefined }]),
  );
  const listeners = new Set<() => void>();
  const settled = Promise.withResolvers<void>();
  const verdictOf = ({ job, sighting }: Part): Verdict => judge(job.fate, sighting);
  const changed = (): void => {
    for (const listener of listeners) listener();
    if ([...parts.values()].every((part) => verdictOf(part).kind !== "pending")) settled.resolve();
  };
  const trouble = (part: Part, error: unknown): void => {
    if (signal.aborted) return;
    part.sighting = { ...part.sighting, trouble: error instanceof Error ? error.message : String(error) };
    changed();
  };
  const giveUp = (stillMs: number): void => {
    for (const part of parts.values())
      if (verdictOf(part).kind === "pending")
        trouble(part, `no job of the load has changed for ${Math.round(stillMs / 1_000)} s`);
  };
  const stillness = options.stillMs === undefined ? null : watchStillness(options.stillMs, giveUp);
  closers.add(() => stillness?.end());
  const following = followBoard({
    api,
    board,
    signal,
    onCard: (card) => {
      const part = parts.get(card.jobId);
      if (part === undefined) return;
      const before = verdictOf(part).got;
      part.sighting = see(part.job.fate, part.sighting, card);
      if (verdictOf(part).got !== before) stillness?.stir();
      part.feed.take(card);
      if (card.endedAt !== null) part.end();
      changed();
    },
  });
  // Whoever waits for the load to settle learns of it.
  following.catch((error: unknown) => settled.reject(error));
  settled.promise.catch(() => undefined);
  closers.add(async () => {
    over.abort();
    for (const part of parts.values()) part.end();
    await Promise.all([following.catch(() => undefined), staging]);
  });

  const stage = async (part: Part): Promise<void> => {
    const { job, feed } = part;
    const ground = await grounds.groundOf(job);
    const { scene, end } = makeScene({ job, ground, api, engine, feed, paceMs, signal });
    part.end = end;
    cast.give(job, job.fate.script(scene));
    // What has to be ordered before its container starts is ordered before its dispatch.
    const happening = job.fate.happens?.(scene);
    const policy = { ...basePolicy, ...(scale === 1 ? {} : { scale }), ...job.fate.policy };
    const own = job.fate.spec?.(scene) ?? {};
    const spec = { ...specOf(job, ground, { secrets, modelUrl: model.url }), ...own };
    await dispatch(api, { job, spec, policy, board });
    happening?.catch((error: unknown) => trouble(part, error));
  };
  /** One after the other: the order of asking is the order of the line. */
  const stageAll = async (): Promise<void> => {
    for (const part of parts.values()) {
      if (signal.aborted) return;
      await stage(part);
    }
  };
  const ending = { api, reason: END_REASON, withinMs: END_WITHIN_MS, delaysMs: RETRY_DELAYS_MS, signal };
  const staging = stageAll().catch((error: unknown) => settled.reject(error));
  return {
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    standing: () =>
      [...parts.values()].map((part) => ({
        job: part.job,
        sighting: part.sighting,
        verdict: verdictOf(part),
      })),
    settled: settled.promise,
    finish: async () => {
      const live = [...parts.values()].filter(({ sighting }) => sighting.card?.endedAt == null);
      for (const part of live) part.end();
      const ends = live.map(async (part) =>
        endJob({ ...ending, job: part.job, feed: part.feed }).catch((error: unknown) => trouble(part, error)),
      );
      // Nothing is heard of an end any more where the board is not followed.
      await Promise.race([Promise.all(ends), following]);
    },
    close: () => closers.closeAll(),
  };
}

async function dispatch(api: Client, { job, spec, policy, board }: DispatchOptions): Promise<void> {
  const { executionId, jobId, labels } = job;
  const reply = await api.call("dispatch", {
    path: { executionId },
    body: { jobId, board, labels, policy, spec },
  });
  if (reply.kind === "failed") throw new Error(`dispatch of ${jobId}: ${reply.failure.error}`);
}

type DispatchOptions = {
  readonly job: PlannedJob;
  readonly spec: Readonly<Record<string, unknown>>;
  readonly policy: PolicyRequest;
  readonly board: string;
};

/** An ordinary coding job. */
function specOf(
  job: PlannedJob,
  { github, repository }: Ground,
  { secrets, modelUrl }: { readonly secrets: LoadOptions["secrets"]; readonly modelUrl: string },
): Readonly<Record<string, unknown>> {
  const { title, ticket, branch } = job;
  const { owner, name, baseBranch, cloneUrl } = repository;
  return {
    mode: "coding",
    harness: "pi",
    systemPrompt: "You are a careful software engineer. Make the smallest change that fixes the cause.",
    userPrompt: promptOf(job),
    model: job.model,
    proxyBaseUrl: modelUrl,
    sessionToken: secrets.model,
    ghToken: secrets.git,
    githubApiBase: github.url,
    repo: { owner, name, baseBranch, cloneUrl, provider: "github" },
    branch: baseBranch,
    newBranch: branch,
    pushBranch: branch,
    pr: { title, body: `${ticket}, by an execution of Holt.` },
  };
}
