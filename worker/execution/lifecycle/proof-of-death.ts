import type { Instance } from "../state.ts";

/** What was seen of a container; what was not looked at is null. */
export type Seen = {
  readonly phase: Instance["phase"];
  /** `monitor()` of this very instance settled with it. */
  readonly exitCode: number | null;
  /** A `destroy()` that was called while the container was running has resolved. */
  readonly destroyed: boolean;
  /** In a living incarnation of the object a lost connection makes this false while the container lives on. */
  readonly running: boolean;
  /** The object has begun anew and has neither started nor followed anything since. */
  readonly begunAnew: boolean;
  /** The platform said of this very start that it came to nothing. */
  readonly refused: boolean;
  /** Whether the platform says that it knows a container; it knows none either while it looks for room for one. */
  readonly known: boolean | null;
};

/** What proves that the container is dead, for people to read; null where nothing does, and then nothing new may start. */
export function proofOfDeath(seen: Seen): string | null {
  if (seen.exitCode !== null) return `monitor() reported exit code ${seen.exitCode}`;
  if (seen.destroyed) return "destroy() resolved while the container was running";
  if (!isPending(seen) && seen.known === false) return "the platform knows no container";
  if (seen.running) return null;
  if (seen.phase === "written") return "it was never started";
  return seen.begunAnew ? "not running when the object began anew" : null;
}

/** Of an instance of which nothing was seen. */
export function unseen({ phase }: Instance): Seen {
  return {
    phase,
    exitCode: null,
    destroyed: false,
    running: true,
    begunAnew: false,
    refused: false,
    known: null,
  };
}

/** A start is pending until the harness answers, or the platform says that nothing comes of it. */
function isPending({ phase, refused }: Seen): boolean {
  return phase !== "ready" && !refused;
}
