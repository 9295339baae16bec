import { describe, test } from "vitest";
import { proofOfDeath, type Seen } from "../../worker/execution/lifecycle/proof-of-death.ts";

const living: Seen = {
  phase: "ready",
  exitCode: null,
  destroyed: false,
  running: true,
  begunAnew: false,
  refused: false,
  known: null,
};

describe("a container is proved dead", () => {
  const proofs: readonly (readonly [name: string, seen: Partial<Seen>, proof: string])[] = [
    ["by an exit code, 0 as well", { exitCode: 0 }, "monitor() reported exit code 0"],
    [
      "by a destroy() that resolved",
      { destroyed: true },
      "destroy() resolved while the container was running",
    ],
    ["by the platform's not knowing it", { running: false, known: false }, "the platform knows no container"],
    [
      "by a beginning without it",
      { running: false, begunAnew: true },
      "not running when the object began anew",
    ],
    [
      "by the platform's not knowing one whose start it refused",
      { running: false, phase: "started", refused: true, known: false },
      "the platform knows no container",
    ],
    [
      "by a beginning without it, also where it was never placed",
      { running: false, phase: "started", begunAnew: true },
      "not running when the object began anew",
    ],
    ["by never having been started", { running: false, phase: "written" }, "it was never started"],
  ];
  for (const [name, seen, proof] of proofs) {
    test(`${name}: ${proof}`, ({ expect }) => expect(proofOfDeath({ ...living, ...seen })).toBe(proof));
  }
});

describe("of a container", () => {
  const doubts: readonly (readonly [name: string, seen: Partial<Seen>])[] = [
    ["of one that runs", {}],
    ["by its being out of sight of a living incarnation", { running: false }],
    ["where the platform cannot say", { running: false, known: null }],
    ["where the platform knows it", { running: false, known: true }],
    ["by a beginning with it", { begunAnew: true }],
    ["before its start", { phase: "written", known: false }],
    ["while its start is pending", { phase: "started", running: false, known: false }],
    ["by a refusal alone", { phase: "started", running: false, refused: true }],
  ];
  for (const [name, seen] of doubts) {
    test(`nothing is proved ${name}`, ({ expect }) =>
      expect(proofOfDeath({ ...living, ...seen })).toBeNull());
  }
});
