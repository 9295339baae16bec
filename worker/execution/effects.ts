import type { AttemptEnvelope, HarnessView } from "../../shared/harness-wire.ts";
import type { ContainerPort, Timer } from "../ports.ts";
import type { Effect } from "./effect.ts";
import type { HarnessClient } from "./harness-client.ts";
import type { Answer, Happening } from "./input.ts";
import { nextBeatMs } from "./lifecycle/beats.ts";
import { type ExecutionState, type Instance, type Job, jobOf } from "./state.ts";

/** Survives an idle object and a reset; bounds a leak if everything of ours dies. Renewed at every tick. */
export const KEEP_ALIVE_MS = 15 * 60_000;
const PROBE_PAUSE_MS = 300;
const POST_PAUSE_MS = 500;
/** How much later than the object's deadlines the harness's own timers stand. */
const HARNESS_MARGIN_MS = 120_000;
const CHECKPOINT_MS = 60_000;

export type EffectDeps = {
  readonly state: () => ExecutionState | null;
  readonly apply: (happening: Happening) => void;
  readonly container: ContainerPort;
  readonly harness: HarnessClient;
  readonly timer: Timer;
  /** Environment of every container: nothing secret. */
  readonly containerEnv: Readonly<Record<string, string>>;
  /** The opened spec of a job; null where no key opens it. */
  readonly openSpec: (job: Job) => Promise<string | null>;
  readonly controlKey: (keyId: string, instance: string) => Promise<string | null>;
  readonly beatKey: (job: Job, instance: string) => Promise<string | null>;
  /** What a harness says, without any secret; text is dropped where nobody can know what is secret in it. */
  readonly redactText: (job: Job, text: string) => Promise<string>;
  readonly redactView: (job: Job, view: HarnessView) => Promise<HarnessView>;
  /** Follows the exit of the instance that was just started. */
  readonly watch: (instance: string) => void;
  /** Whether this incarnation began without a running container. */
  readonly beganWithout: () => boolean;
  /** Ends this incarnation, so that the next asks the platform afresh. */
  readonly reset: (why: string) => Promise<void>;
  readonly forget: () => Promise<void>;
};

/** Carries one effect out. Idempotent: reads the state first and after every wait, and leaves what has moved on. */
export async function runEffect(effect: Effect, deps: EffectDeps): Promise<void> {
  switch (effect.kind) {
    case "start":
      return start(effect.instance, deps);
    case "probe":
      return probe(effect.instance, deps);
    case "verify":
      return verify(effect.instance, deps);
    case "post":
      return post(effect, deps);
    case "ask":
      return ask(effect, deps);
    case "tell-stop":
      return tellStop(effect, deps);
    case "signal":
      return signal(effect, deps);
    case "destroy":
      return destroy(effect.instance, effect.reason, deps);
    case "keep-alive":
      return keepAlive(effect.instance, deps);
    case "destroy-stray":
      if (deps.state()?.instance == null && deps.container.running())
        await deps.container.destroy("no job needs it");
      return;
    case "forget":
      return deps.forget();
  }
}

/** The look at each tick: renewed if it lives, and a death that no monitor told of is found. */
async function keepAlive(id: string, deps: EffectDeps): Promise<void> {
  if (deps.container.running()) {
    await deps.container.keepAlive(KEEP_ALIVE_MS);
    return;
  }
  const instance = instanceOf(deps, id);
  if (instance === null || instance.phase === "written" || instance.exit !== null) return;
  if ((await deps.container.inspect()) === false) {
    deps.apply({ kind: "dead", instance: id, proof: "the platform knows no container" });
  } else {
    await deps.reset("a container that should live is out of sight");
  }
}

async function start(id: string, deps: EffectDeps): Promise<void> {
  const wanted = (): boolean => {
    const instance = instanceOf(deps, id);
    return instance?.phase === "written" && instance.intent === null;
  };
  if (!wanted()) return;
  if (deps.container.running()) await deps.container.destroy("a container of before");
  await deps.container.routeBeats(id);
  const instance = instanceOf(deps, id);
  if (instance === null || !wanted()) return;
  // The check above, start() and the record of it stand in one turn: a cancel cannot come between.
  try {
    deps.container.start({
      image: instance.image,
      size: instance.size,
      env: { ...deps.containerEnv, HARNESS_INSTANCE: id },
    });
  } catch (error) {
    deps.apply({ kind: "start-failed", instance: id, cause: "other", message: textOf(error) });
    return;
  }
  deps.apply({ kind: "started", instance: id });
  deps.watch(id);
  await deps.container.keepAlive(KEEP_ALIVE_MS);
}

/** Asks until the harness answers or the state no longer waits for it: the `starting` deadline ends this. */
async function probe(id: string, deps: EffectDeps): Promise<void> {
  let told = "";
  const waiting = (): boolean => {
    const instance = instanceOf(deps, id);
    return instance?.phase === "started" && instance.intent === null && instance.exit === null;
  };
  while (waiting()) {
    const health = await deps.harness.health();
    if (!waiting()) return;
    if (health.kind === "answered") {
      const foreign = health.instance !== null && health.instance !== id;
      deps.apply(
        foreign
          ? { kind: "foreign", instance: id, seen: health.instance }
          : { kind: "ready", instance: id, boot: health.boot },
      );
      return;
    }
    if (health.text !== told) {
      told = health.text;
      deps.apply({ kind: "probe-noted", instance: id, text: told });
    }
    await deps.timer.sleep(PROBE_PAUSE_MS);
  }
}

/** Silence is judged elsewhere; this looks only for a container that is not ours. */
async function verify(id: string, deps: EffectDeps): Promise<void> {
  const health = await deps.harness.health();
  if (health.kind === "answered" && health.instance !== null && health.instance !== id) {
    deps.apply({ kind: "foreign", instance: id, seen: health.instance });
  }
}

type JobEffect = { readonly instance: string; readonly jobId: string; readonly attempt: number };

async function post(effect: JobEffect, deps: EffectDeps): Promise<void> {
  const { instance, jobId, attempt } = effect;
  for (let job = waitingJob(effect, deps); job !== null; job = waitingJob(effect, deps)) {
    const [spec, control, beat] = await Promise.all([
      deps.openSpec(job),
      controlKeyOf(job, instance, deps),
      deps.beatKey(job, instance),
    ]);
    if (spec === null || control === null || beat === null) {
      deps.apply({ kind: "spec-unreadable", jobId, attempt });
      return;
    }
    if (waitingJob(effect, deps) === null) return;
    const posted = await deps.harness.post(spec, envelopeOf(job, instance, beat, deps), control);
    switch (posted.kind) {
      case "accepted":
        deps.apply({ kind: "accepted", instance, jobId, attempt, boot: posted.boot });
        return;
      case "refused":
        deps.apply({
          kind: "refused",
          instance,
          jobId,
          attempt,
          error: await deps.redactText(job, posted.error),
        });
        return;
      case "failed":
        deps.apply({ kind: "probe-noted", instance, text: posted.text });
        await deps.timer.sleep(POST_PAUSE_MS);
    }
  }
}

async function ask(effect: JobEffect, deps: EffectDeps): Promise<void> {
  const { instance, jobId, attempt } = effect;
  const job = attemptOf(effect, deps);
  if (job === null) return;
  const control = await controlKeyOf(job, instance, deps);
  if (control === null) {
    deps.apply({ kind: "spec-unreadable", jobId, attempt });
    return;
  }
  const answer = answerOf(await deps.harness.ask(jobId, control), job);
  const safe =
    answer.kind === "known" ? { ...answer, view: await deps.redactView(job, answer.view) } : answer;
  deps.apply({ kind: "answered", instance, jobId, attempt, answer: safe });
}

function answerOf(asked: Awaited<ReturnType<HarnessClient["ask"]>>, job: Job): Answer {
  switch (asked.kind) {
    case "known": {
      const { view } = asked;
      const boot = job.current?.boot ?? null;
      if (view.boot !== undefined && boot !== null && view.boot !== boot) return { kind: "other-boot" };
      if (view.attempt !== undefined && view.attempt !== job.attempt) return { kind: "unknown-job" };
      return { kind: "known", view };
    }
    case "unknown-job":
      return { kind: "unknown-job" };
    case "not-ours":
      return { kind: "other-boot" };
    case "failed":
      return { kind: "no-answer", text: asked.text };
  }
}

async function tellStop(effect: Extract<Effect, { kind: "tell-stop" }>, deps: EffectDeps): Promise<void> {
  const { instance, jobId, cause, graceMs } = effect;
  const state = deps.state();
  const job = state === null ? null : jobOf(state, jobId);
  if (job?.stop?.stage !== "cooperative" || instanceOf(deps, instance) === null) return;
  const control = await controlKeyOf(job, instance, deps);
  const told =
    control === null
      ? { kind: "failed" as const, text: "no sealing key derives the control key" }
      : await deps.harness.tellStop(jobId, { cause, graceMs }, control);
  const text = told.kind === "told" ? "the harness took the stop" : await deps.redactText(job, told.text);
  deps.apply({ kind: "stop-told", instance, jobId, ok: told.kind === "told", text });
}

async function signal(effect: Extract<Effect, { kind: "signal" }>, deps: EffectDeps): Promise<void> {
  const { instance, signo } = effect;
  if (instanceOf(deps, instance) === null) return;
  try {
    deps.container.signal(signo);
    deps.apply({ kind: "signalled", instance, signo, ok: true, text: `signal ${signo} was sent` });
  } catch (error) {
    deps.apply({ kind: "signalled", instance, signo, ok: false, text: textOf(error) });
  }
}

/** Ends with a proof of death, or says that there is none. */
async function destroy(id: string, reason: string, deps: EffectDeps): Promise<void> {
  const instance = instanceOf(deps, id);
  if (instance === null) return;
  if (deps.container.running()) {
    try {
      await deps.container.destroy(reason);
      deps.apply({ kind: "dead", instance: id, proof: "destroy() resolved while the container was running" });
    } catch (error) {
      deps.apply({ kind: "destroy-unproved", instance: id, text: textOf(error) });
    }
    return;
  }
  if (instance.phase === "written") {
    deps.apply({ kind: "dead", instance: id, proof: "it was never started" });
    return;
  }
  if (deps.beganWithout()) {
    deps.apply({ kind: "dead", instance: id, proof: "not running when the object began anew" });
    return;
  }
  if ((await deps.container.inspect()) === false) {
    deps.apply({ kind: "dead", instance: id, proof: "the platform knows no container" });
    return;
  }
  deps.apply({
    kind: "destroy-unproved",
    instance: id,
    text: "the object lost sight of the container; it begins anew to ask",
  });
  await deps.reset("the container is to be destroyed and this incarnation cannot see it");
}

function envelopeOf(job: Job, instance: string, beatKey: string, deps: EffectDeps): AttemptEnvelope {
  const { policy } = job;
  const scale = (ms: number): number => Math.max(1, Math.round(ms * policy.scale));
  return {
    executionId: deps.state()?.executionId ?? "",
    instance,
    attempt: job.attempt,
    round: job.round,
    beatKey,
    nextBeatMs: nextBeatMs(job),
    limits: {
      cloneMs: policy.cloneMs,
      setupMs: policy.setupMs,
      pushMs: policy.pushMs,
      inactivityMs: policy.inactivityMs,
      maxDurationMs: policy.maxDurationMs,
      marginMs: scale(HARNESS_MARGIN_MS),
      checkpointMs: scale(CHECKPOINT_MS),
      killGraceMs: policy.killGraceMs,
    },
  };
}

function instanceOf(deps: EffectDeps, id: string): Instance | null {
  const instance = deps.state()?.instance ?? null;
  return instance?.id === id ? instance : null;
}

/** The key this boot of the harness keeps to; its first job's own before it has taken one. */
function controlKeyOf(job: Job, id: string, deps: EffectDeps): Promise<string | null> {
  return deps.controlKey(instanceOf(deps, id)?.keyId ?? job.keyId, id);
}

function attemptOf({ instance, jobId, attempt }: JobEffect, deps: EffectDeps): Job | null {
  const state = deps.state();
  const job = state === null ? null : jobOf(state, jobId);
  return job?.attempt === attempt && job.current?.instance === instance ? job : null;
}

function waitingJob(effect: JobEffect, deps: EffectDeps): Job | null {
  const job = attemptOf(effect, deps);
  const instance = instanceOf(deps, effect.instance);
  const held = instance === null || instance.intent !== null || instance.exit !== null;
  return job?.status === "starting" && !held ? job : null;
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
