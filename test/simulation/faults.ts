/** Everything that may go wrong, and what each does to whom. */
export const FaultNames = {
  // between container and object
  "beat-lost": "a beat does not arrive",
  "beat-doubled": "a beat arrives twice, the second time late",
  "beat-late": "a beat is overtaken by later ones, and answered too late",
  "beat-cut": "half of a batch arrives, without the end",
  "ack-lost": "a beat is stored and its answer is lost",
  "beats-blocked": "no beat leaves the container for a while",
  "probes-blocked": "nobody reaches the harness for a while; its beats arrive",
  partition: "neither beats nor probes get through for a while",
  "answer-lost": "the harness answers a question and the answer is lost",
  "post-lost": "the job body does not arrive",
  "post-answer-lost": "the harness takes the job and the answer is lost",
  "stale-beat": "a beat of a replaced attempt or instance arrives",
  "hole-beat": "a beat arrives whose events leave out one",
  // the object
  evicted: "the object is ended and begins anew at the next call",
  "write-failed": "what a step came to is not stored, and the object begins anew",
  "crash-in-effect": "the object ends after an effect was carried out and before it was noted",
  "effect-failed": "an effect throws and stays to be done",
  frozen: "the object does not run for one to ten silence windows",
  upgraded: "what is stored was written by a later version",
  "alarm-late": "an alarm comes late",
  "alarm-doubled": "an alarm comes twice",
  "alarm-lost": "an alarm never comes",
  "alarm-throws": "the handler throws once to five times and the platform tries again",
  "alarm-abandoned": "the handler throws six times or more and the platform drops the alarm",
  "step-throws": "a step throws inside the alarm's handler",
  "key-lost": "no sealing key opens the job",
  // the platform and its containers
  "no-capacity": "a start is refused for want of room",
  "rate-limited": "a start is refused for its rate",
  "start-throws": "start() throws",
  "placed-late": "a container that was started is unknown to inspect() for a while",
  "never-placed": "a start comes to nothing and the platform's words do not say so",
  "never-ready": "a container starts and its harness never listens",
  stillborn: "a container exits before it is ready",
  vanishes: "a container is gone and nobody saw its exit code",
  "code-late": "the exit code of a container is told after its death was found out",
  "exit-0": "a container exits with 0 and has said nothing",
  "exit-0-announced": "the harness announces its end and exits with 0",
  "exit-1": "a container exits with 1",
  "exit-137": "a container is killed for want of memory",
  "exit-143": "the platform stops a container",
  rollout: "the platform replaces a container",
  drained: "the harness answers a SIGTERM of the platform by draining",
  foreign: "another container runs in place of ours",
  "monitor-lost": "the object loses sight of a container that lives on",
  "destroy-refused": "destroy() fails for a while",
  "inspect-unsure": "the platform does not say whether a container is known",
  // the harness
  hung: "the event loop stands still",
  "boot-changed": "the harness is started anew in its container",
  "job-forgotten": "the harness does not know its job any more",
  "stop-ignored": "the harness takes a stop and goes on",
  "term-ignored": "the harness ignores SIGTERM",
  "old-image": "the harness sends no beats",
  "clock-skewed": "the container's clock is a day off",
  "buffer-full": "the harness drops events that were never sent",
  // Admission
  "admission-down": "Admission does not answer",
  crowded: "others hold the slots",
  "slot-lapsed": "nothing was heard of a slot or place for five minutes",
} as const satisfies Record<string, string>;

export type FaultName = keyof typeof FaultNames;

/** Faults that wait for their occasion: the next beat, the next alarm, the next start. */
export class Faults {
  readonly #waiting = new Map<FaultName, number>();
  readonly #count: (name: FaultName) => void;

  constructor(count: (name: FaultName) => void) {
    this.#count = count;
  }

  arm(name: FaultName, times: number): void {
    this.#waiting.set(name, (this.#waiting.get(name) ?? 0) + times);
  }

  /** Whether the fault strikes now. */
  strikes(name: FaultName): boolean {
    const left = this.#waiting.get(name) ?? 0;
    if (left === 0) return false;
    this.#waiting.set(name, left - 1);
    this.#count(name);
    return true;
  }

  /** A fault that needs no occasion. */
  happened(name: FaultName): void {
    this.#count(name);
  }

  /** From here on everybody does his duty. */
  clear(): void {
    this.#waiting.clear();
  }
}
