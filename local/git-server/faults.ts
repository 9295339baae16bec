/** What a test can order the git server to do wrong, and the requests it holds back. */
import type { GitRoute, GitService } from "./route.ts";

export type Refusal =
  /** 401, whatever the credentials: a token that was withdrawn. */
  | { readonly kind: "unauthorized" }
  | { readonly kind: "forbidden" }
  | { readonly kind: "server-error" }
  /** The connection ends without an answer. */
  | { readonly kind: "hang-up" }
  /** Pushes only: the server's `pre-receive` hook says no, in these words. */
  | { readonly kind: "declined"; readonly reason: string };

export interface Hold {
  /** Settles when the first request is being held. */
  readonly held: Promise<void>;
  /** Lets the held requests, and all later ones, go on. */
  release(): void;
}

export interface Faults {
  /** Until the returned function is called, every request of this service is refused. A later refusal replaces an earlier one. */
  readonly refuse: (service: GitService, refusal: Refusal) => () => void;
  /** Holds transfers of this service (not the advertisement of refs before them) until released. */
  readonly hold: (service: GitService) => Hold;
}

export interface FaultState extends Faults {
  refusalOf(route: GitRoute): Refusal | undefined;
  passHolds(route: GitRoute): Promise<void>;
  releaseAll(): void;
}

export function createFaults(): FaultState {
  const refusals = new Map<GitService, Refusal>();
  const holds = new Map<Hold, { service: GitService; arrive: () => void; released: Promise<void> }>();
  return {
    refuse(service, refusal) {
      refusals.set(service, refusal);
      return () => {
        if (refusals.get(service) === refusal) refusals.delete(service);
      };
    },
    hold(service) {
      const arrived = Promise.withResolvers<void>();
      const released = Promise.withResolvers<void>();
      const hold: Hold = {
        held: arrived.promise,
        release() {
          holds.delete(hold);
          released.resolve();
        },
      };
      holds.set(hold, { service, arrive: arrived.resolve, released: released.promise });
      return hold;
    },
    refusalOf: ({ service }) => refusals.get(service),
    async passHolds({ service, isTransfer }) {
      if (!isTransfer) return;
      for (const hold of [...holds.values()].filter((hold) => hold.service === service)) {
        hold.arrive();
        await hold.released;
      }
    },
    releaseAll() {
      for (const hold of holds.keys()) hold.release();
    },
  };
}
