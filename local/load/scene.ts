/** What a fate is given of its job. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Card } from "../../shared/board.ts";
import type { Client } from "../../shared/client.ts";
import type { JobView } from "../../shared/job-view.ts";
import type { Engine, EngineContainer } from "../engine/engine.ts";
import type { Scene } from "./fate.ts";
import type { Ground } from "./grounds.ts";
import type { PlannedJob } from "./plan.ts";

/** The cards of one job as they come. */
export type CardFeed = {
  readonly take: (card: Card) => void;
  readonly until: Scene["until"];
};

export type SceneOptions = {
  readonly job: PlannedJob;
  readonly ground: Ground;
  readonly api: Client;
  readonly engine: Engine;
  readonly feed: CardFeed;
  readonly paceMs: number;
  readonly signal: AbortSignal;
};

export type OpenScene = {
  readonly scene: Scene;
  /** Takes back what was ordered for it. Repeating it does nothing. */
  readonly end: () => void;
};

export function makeScene(options: SceneOptions): OpenScene {
  const { job, ground, api, engine, feed, paceMs, signal } = options;
  const { executionId, jobId, branch } = job;
  const path = { executionId, jobId };
  const points = new Map<string, PromiseWithResolvers<void>>();
  const point = (name: string): PromiseWithResolvers<void> => {
    const known = points.get(name) ?? Promise.withResolvers<void>();
    points.set(name, known);
    return known;
  };
  const undos: Array<() => void> = [];
  const view = async (): Promise<JobView | null> => {
    const reply = await api.call("job", { path });
    return reply.kind === "answer" ? reply.value : null;
  };
  const isOwn = (env: Readonly<Record<string, string>>, seen: JobView | null): boolean =>
    seen?.container?.instance !== undefined && env["HARNESS_INSTANCE"] === seen.container.instance;
  const scene: Scene = {
    executionId,
    jobId,
    branch,
    git: ground.git,
    repository: ground.repository,
    faults: engine.faults,
    until: feed.until,
    container: async (attempt = 1): Promise<EngineContainer> => {
      await feed.until((card) => card.attempt >= attempt);
      const seen = await view();
      const found = engine.containers().find(({ env }) => isOwn(env, seen));
      if (found === undefined) throw new Error(`no container of attempt ${attempt} is known`);
      return found;
    },
    owns: async (env) => isOwn(env, await view()),
    cancel: async (reason) => {
      const reply = await api.call("cancel", { path, body: { reason } });
      if (reply.kind === "failed") throw new Error(`cancel: ${reply.failure.error}`);
    },
    release: async () => {
      const reply = await api.call("release", { path: { executionId } });
      if (reply.kind === "failed") throw new Error(`release: ${reply.failure.error}`);
    },
    reach: (name) => point(name).resolve(),
    reached: (name) => point(name).promise,
    think: async () => {
      // A model that is asked at the end of the load may answer at once.
      if (paceMs > 0) await sleep(paceMs, undefined, { signal }).catch(() => undefined);
    },
    signal,
    atEnd: (undo) => void undos.push(undo),
  };
  return {
    scene,
    end: () => {
      for (const undo of undos.splice(0)) undo();
    },
  };
}

export function makeCardFeed(): CardFeed {
  const waiting = new Set<(card: Card) => void>();
  let newest: Card | null = null;
  return {
    take: (card) => {
      newest = card;
      for (const tell of waiting) tell(card);
    },
    until: (isSo) => {
      if (newest !== null && isSo(newest)) return Promise.resolve(newest);
      return new Promise((resolve) => {
        const tell = (card: Card): void => {
          if (!isSo(card)) return;
          waiting.delete(tell);
          resolve(card);
        };
        waiting.add(tell);
      });
    },
  };
}
