import type { ExtendableDeadline } from "../../shared/dispatch.ts";
import type { Door } from "../../worker/execution/rpc.ts";
import { Draw } from "./draw.ts";
import type { FaultName } from "./faults.ts";

export const jobIds = ["run_1-a", "run_1-b", "run_1-c"] as const;
export type JobId = (typeof jobIds)[number];

/** How a container may end of itself or by the platform. */
export type Fate = "vanishes" | "exit-0" | "exit-1" | "exit-137" | "exit-143" | "rollout";
/** Messages of the core that may come when nobody waits for them any more. */
export const echoed = [
  ...(["started", "start-failed", "ready", "probe-noted", "foreign", "accepted", "refused"] as const),
  ...(["spec-unreadable", "answered", "polled", "stop-told", "signalled", "exited", "dead"] as const),
  ...(["destroy-unproved", "slot", "internal-error", "slot-hint"] as const),
] as const;
export type Echoed = (typeof echoed)[number];

const nexts = ["nothing", "nothing", "cancel", "release", "take", "extend", "lose-sight"] as const;
type Next = (typeof nexts)[number];
/** Rare ones, and short. */
export type Moment = "recovering" | "idle after a cancel";

/** What befalls a container that lives. */
export type Blow =
  | { readonly kind: "drain" | "announce" | "foreign" | "hole-beat" | "new-boot" | "forget-job" }
  | { readonly kind: "end"; readonly how: Fate }
  | { readonly kind: "hang" | "mute" | "deafen" | "part"; readonly ms: number };

/** What people, the network and the platform do beside what goes its course; times before the policy's scale. */
export type Move = { readonly afterMs: number } & (
  | {
      readonly kind: "dispatch";
      readonly jobId: JobId;
      readonly door: Door;
      readonly again: boolean;
      readonly size: "standard-1" | "standard-2";
      /** Draws its policy, and how it goes. */
      readonly lot: number;
    }
  | { readonly kind: "cancel" | "take"; readonly jobId: JobId }
  | { readonly kind: "release" | "evict" | "wait" | "lose-sight" | "stale-beat" | "look" }
  | Blow
  | {
      readonly kind: "extend";
      readonly jobId: JobId;
      readonly deadline: ExtendableDeadline;
      readonly byMs: number;
    }
  | { readonly kind: "arm"; readonly fault: FaultName; readonly times: number }
  | { readonly kind: "throw-alarms"; readonly times: number }
  | { readonly kind: "freeze" | "refuse-destroy"; readonly ms: number }
  | { readonly kind: "echo"; readonly what: readonly Echoed[] }
  /** At once, or as soon as it is so: messages, and then what people or the platform do. */
  | {
      readonly kind: "while";
      readonly moment: Moment;
      readonly what: readonly Echoed[];
      readonly next: Next;
    }
  | { readonly kind: "crowd"; readonly count: number; readonly ms: number }
);

type Drawn = Move extends infer Each ? (Each extends Move ? Omit<Each, "afterMs"> : never) : never;
type Kind = readonly [weight: number, draw: (draw: Draw) => Drawn];

const job = (draw: Draw): JobId => draw.pick([jobIds[0], jobIds[0], jobIds[1], jobIds[2]]);
/** A moment, a while, many windows. */
const span = (draw: Draw): number => draw.pick([3_000, 20_000, 60_000, 60_000, 150_000, 450_000]);

const echoes = (draw: Draw): readonly Echoed[] => Array.from({ length: 5 }, () => draw.pick(echoed));

const perMessage: readonly [FaultName, ...FaultName[]] = [
  ...(["beat-lost", "beat-doubled", "beat-late", "beat-cut", "ack-lost"] as const),
  ...(["answer-lost", "post-lost", "post-answer-lost", "key-lost"] as const),
  ...(["write-failed", "crash-in-effect", "effect-failed", "upgraded", "step-throws"] as const),
  ...(["alarm-late", "alarm-late", "alarm-doubled", "alarm-lost"] as const),
  ...(["no-capacity", "rate-limited", "start-throws", "never-ready", "stillborn"] as const),
  ...(["placed-late", "placed-late", "never-placed"] as const),
  ...(["inspect-unsure", "admission-down", "code-late"] as const),
];

const kinds: readonly Kind[] = [
  [
    10,
    (draw) => ({
      kind: "dispatch",
      jobId: job(draw),
      door: draw.pick(["job", "native"]),
      again: draw.oneIn(2),
      size: draw.pick(["standard-1", "standard-1", "standard-1", "standard-2"]),
      lot: draw.below(2 ** 31),
    }),
  ],
  [12, () => ({ kind: "wait" })],
  [4, (draw) => ({ kind: "cancel", jobId: job(draw) })],
  [3, (draw) => ({ kind: "take", jobId: job(draw) })],
  [2, () => ({ kind: "release" })],
  [6, () => ({ kind: "evict" })],
  [
    4,
    (draw) => ({
      kind: "extend",
      jobId: job(draw),
      deadline: draw.pick(["inactivity", "tool-silence", "max-duration", "preview"]),
      byMs: draw.pick([0, 60_000, 300_000, 900_000, 90_000_000]),
    }),
  ],
  [26, (draw) => ({ kind: "arm", fault: draw.pick(perMessage), times: draw.pick([1, 1, 1, 2, 3, 6]) })],
  [2, (draw) => ({ kind: "throw-alarms", times: draw.between(1, 8) })],
  [
    8,
    (draw) => ({
      kind: "end",
      how: draw.pick(["vanishes", "exit-0", "exit-1", "exit-1", "exit-137", "exit-143", "rollout"]),
    }),
  ],
  [2, () => ({ kind: "drain" })],
  [2, () => ({ kind: "announce" })],
  [2, () => ({ kind: "foreign" })],
  [6, () => ({ kind: "lose-sight" })],
  [1, () => ({ kind: "new-boot" })],
  [1, () => ({ kind: "forget-job" })],
  [2, () => ({ kind: "stale-beat" })],
  [2, () => ({ kind: "hole-beat" })],
  [1, () => ({ kind: "look" })],
  [3, (draw) => ({ kind: "hang", ms: draw.oneIn(3) ? Number.POSITIVE_INFINITY : span(draw) })],
  [3, (draw) => ({ kind: "mute", ms: span(draw) })],
  [2, (draw) => ({ kind: "deafen", ms: span(draw) })],
  [3, (draw) => ({ kind: "part", ms: span(draw) })],
  [5, (draw) => ({ kind: "freeze", ms: draw.between(45_000, 450_000) })],
  [3, (draw) => ({ kind: "refuse-destroy", ms: draw.pick([20_000, 60_000, 1_500_000]) })],
  [6, (draw) => ({ kind: "echo", what: echoes(draw) })],
  [6, (draw) => ({ kind: "while", moment: "recovering", what: echoes(draw), next: draw.pick(nexts) })],
  [4, () => ({ kind: "while", moment: "idle after a cancel", what: [], next: "lose-sight" })],
  [2, (draw) => ({ kind: "crowd", count: draw.between(1, 4), ms: draw.pick([10_000, 60_000, 400_000]) })],
];

const lots = kinds.flatMap((kind) => Array.from({ length: kind[0] }, () => kind[1]));

/** The same move for the same number. */
export function moveOf(number: number): Move {
  const draw = new Draw(number);
  const afterMs = draw.pick([
    0,
    0,
    draw.below(300),
    draw.below(3_000),
    draw.below(15_000),
    draw.below(60_000),
  ]);
  const [first = (): Drawn => ({ kind: "wait" })] = lots;
  return { ...(lots[draw.below(lots.length)] ?? first)(draw), afterMs };
}
