/** What the object does about each effect, against the platform and the harness as they really are. */

import { earliestAt } from "../../worker/execution/deadlines.ts";
import type { Effect } from "../../worker/execution/effect.ts";
import type { Answer } from "../../worker/execution/input.ts";
import { watchedUntil } from "../../worker/execution/lifecycle/slot.ts";
import { type Instance, type Job, jobOf } from "../../worker/execution/state.ts";
import { hear, stopWork } from "./harness.ts";
import type { Site } from "./site.ts";

const AGAIN_MS = 400;
const CALL_MS = 20;
const TIMEOUT_MS = 1_500;

/** @param done the effect is off the list; one that was cut short is run again by the next incarnation */
export function carryOut(effect: Effect, site: Site, done: () => void): void {
  const { owner, platform, world } = site;
  switch (effect.kind) {
    case "start":
      return start(effect.instance, site, done);
    case "probe":
      return probe(effect.instance, site, done);
    case "verify":
      return verify(effect.instance, site, done);
    case "post":
      return post(effect, site, done);
    case "ask":
      return ask("answered", effect, site, done);
    case "poll":
      return ask("polled", effect, site, done);
    case "tell-stop":
      return tellStop(effect, site, done);
    case "signal":
      return signal(effect.instance, site, done);
    case "destroy":
      return destroy(effect.instance, site, done);
    case "keep-alive":
      return keepAlive(effect.instance, site, done);
    case "ask-slot":
      return askSlot(site, done);
    case "renew-slot":
      if (owner.state?.slot.kind === "held") site.renewSlot(nextDeadlineAt(site));
      return done();
    case "give-slot":
      if (owner.state?.slot.kind === "none") world.admission.release(site.name, watchedUntil(owner.state));
      return done();
    case "destroy-stray":
      if (owner.state?.instance == null && platform.isSeen) platform.destroy();
      return done();
    case "forget":
      done();
      if (owner.state?.instance == null) owner.forget();
  }
}

/** A job's effect, as far as it names who it belongs to. */
type JobEffect = { readonly instance: string; readonly jobId: string; readonly attempt: number };

function start(id: string, site: Site, done: () => void): void {
  const { owner, platform, world } = site;
  const instance = instanceOf(site, id);
  if (instance?.phase !== "written" || instance.intent !== null) return done();
  if (platform.isSeen && !platform.destroy()) return owner.later(AGAIN_MS, () => start(id, site, done));
  site.checkStart();
  if (world.faults.strikes("start-throws")) {
    owner.give({ kind: "start-failed", instance: id, cause: "other", message: "start() threw" });
    return done();
  }
  platform.start(id);
  if (world.faults.strikes("crash-in-effect")) return owner.evict();
  owner.beganWithout = false;
  owner.watched = id;
  owner.give({ kind: "started", instance: id });
  done();
}

function probe(id: string, site: Site, done: () => void): void {
  const { owner, platform, world } = site;
  const instance = instanceOf(site, id);
  if (instance?.phase !== "started" || instance.intent !== null || instance.exit !== null) return done();
  const [container] = platform.living;
  if (container === undefined || owner.isBlind || !container.answers(world.agenda.now)) {
    site.noteOnce(id, "connection refused");
    owner.later(AGAIN_MS, () => probe(id, site, done));
    return;
  }
  const seen = container.instance;
  if (seen === id) owner.give({ kind: "ready", instance: id, boot: container.boot });
  else owner.give({ kind: "foreign", instance: id, seen });
  done();
}

function verify(id: string, site: Site, done: () => void): void {
  const { owner, platform, world } = site;
  const [container] = platform.living;
  if (container !== undefined && container.instance !== id && container.answers(world.agenda.now)) {
    owner.give({ kind: "foreign", instance: id, seen: container.instance });
  }
  done();
}

function post(effect: JobEffect, site: Site, done: () => void): void {
  const { owner, platform, world } = site;
  const { faults, agenda } = world;
  const { instance, jobId, attempt } = effect;
  const job = waitingJob(effect, site);
  if (job === null) return done();
  if (faults.strikes("key-lost")) {
    owner.give({ kind: "spec-unreadable", jobId, attempt });
    return done();
  }
  const container = platform.of(instance);
  const arrives = container?.answers(agenda.now) === true && !owner.isBlind && !faults.strikes("post-lost");
  const again = (text: string): void => {
    site.noteOnce(instance, text);
    owner.later(AGAIN_MS, () => post(effect, site, done));
  };
  if (container === null || !arrives) return again("POST /jobs: timeout");
  const plan = site.planOf(job);
  if (plan.refuses) {
    owner.later(CALL_MS, () => {
      owner.give({ kind: "refused", instance, jobId, attempt, error: "this body cannot be read" });
      done();
    });
    return;
  }
  const work = container.take({ jobId, attempt, plan }, agenda.now);
  site.works.set(`${jobId} ${attempt}`, work);
  if (!plan.beats) faults.happened("old-image");
  else hear(site, container, work);
  if (faults.strikes("post-answer-lost")) return again("POST /jobs: the connection was reset");
  const boot = plan.beats ? container.boot : null;
  owner.later(CALL_MS, () => {
    owner.give({ kind: "accepted", instance, jobId, attempt, boot, beats: plan.beats });
    done();
  });
}

function ask(kind: "answered" | "polled", effect: JobEffect, site: Site, done: () => void): void {
  const { owner, world } = site;
  const { instance, jobId, attempt } = effect;
  const job = attemptOf(effect, site);
  if (job === null) return done();
  if (world.faults.strikes("key-lost")) {
    owner.give({ kind: "spec-unreadable", jobId, attempt });
    return done();
  }
  const answer = answerTo(job, effect, site);
  owner.later(answer.kind === "no-answer" ? TIMEOUT_MS : CALL_MS, () => {
    // A poll that fails says nothing: it is left to the silence it adds to.
    if (kind === "answered" || answer.kind !== "no-answer") site.asked(effect, answer);
    owner.give({ kind, instance, jobId, attempt, answer });
    done();
  });
}

function answerTo(job: Job, { instance, jobId, attempt }: JobEffect, site: Site): Answer {
  const { owner, platform, world } = site;
  const container = platform.of(instance);
  const reached = container?.answers(world.agenda.now) === true && !owner.isBlind;
  if (container === null || !reached || world.faults.strikes("answer-lost")) {
    return { kind: "no-answer", text: "timeout" };
  }
  const view = container.view(jobId, world.agenda.now);
  if (view === null) return { kind: "unknown-job" };
  if (job.current?.boot != null && job.current.boot !== container.boot) return { kind: "other-boot" };
  return view.attempt === attempt ? { kind: "known", view } : { kind: "unknown-job" };
}

function tellStop(effect: Extract<Effect, { kind: "tell-stop" }>, site: Site, done: () => void): void {
  const { owner, platform, world } = site;
  const { instance, jobId, cause } = effect;
  const job = owner.state === null ? null : jobOf(owner.state, jobId);
  if (job?.stop?.stage !== "cooperative" || instanceOf(site, instance) === null) return done();
  const container = platform.of(instance);
  const work = container?.works.get(jobId);
  const reached = container?.answers(world.agenda.now) === true && !owner.isBlind;
  if (container !== null && reached && work !== undefined) stopWork(site, container, work, cause);
  owner.later(CALL_MS, () => {
    owner.give({ kind: "stop-told", instance, jobId, ok: reached, text: reached ? "taken" : "timeout" });
    done();
  });
}

function signal(id: string, site: Site, done: () => void): void {
  const { owner, platform, world } = site;
  if (instanceOf(site, id) === null) return done();
  const ok = platform.isSeen;
  const container = platform.of(id);
  if (ok && container !== null && container.isAlive) {
    if (container.obeysTerm)
      world.agenda.in(200, () => platform.end(container, { code: 143, message: "exited" }));
    else world.faults.happened("term-ignored");
  }
  if (world.faults.strikes("crash-in-effect")) return owner.evict();
  owner.give({ kind: "signalled", instance: id, signo: 15, ok, text: ok ? "sent" : "no container" });
  done();
}

function destroy(id: string, site: Site, done: () => void): void {
  const { owner, platform, world } = site;
  const instance = instanceOf(site, id);
  if (instance === null) return done();
  const dead = (proof: string): void => {
    owner.give({ kind: "dead", instance: id, proof });
    done();
  };
  if (platform.isSeen) {
    const ok = platform.destroy();
    if (world.faults.strikes("crash-in-effect")) return owner.evict();
    owner.later(CALL_MS, () => {
      if (ok) return dead("destroy() resolved while the container was running");
      owner.give({ kind: "destroy-unproved", instance: id, text: "destroy() failed" });
      done();
    });
    return;
  }
  const proof = site.lookFor(instance);
  if (proof !== null) return dead(proof);
  owner.give({ kind: "destroy-unproved", instance: id, text: "out of sight" });
  done();
  site.reset();
}

function keepAlive(id: string, site: Site, done: () => void): void {
  const { owner, platform } = site;
  done();
  if (platform.isSeen) return;
  const instance = instanceOf(site, id);
  if (instance === null || instance.phase === "written" || instance.exit !== null) return;
  const proof = site.lookFor(instance);
  if (proof !== null) owner.give({ kind: "dead", instance: id, proof });
  else site.reset();
}

function askSlot(site: Site, done: () => void): void {
  const { owner, world } = site;
  if (owner.state?.slot.kind !== "waiting") return done();
  const answer = world.faults.strikes("admission-down")
    ? ({ kind: "unreachable", text: "Admission does not answer" } as const)
    : world.admission.request(site.name, nextDeadlineAt(site));
  if (world.faults.strikes("crash-in-effect")) return owner.evict();
  owner.later(CALL_MS, () => {
    owner.give({ kind: "slot", answer });
    done();
  });
}

/** When this execution acts next. */
function nextDeadlineAt({ owner, world }: Site): number {
  return (owner.state === null ? null : earliestAt(owner.state)) ?? world.agenda.now;
}

function instanceOf({ owner }: Site, id: string): Instance | null {
  const instance = owner.state?.instance ?? null;
  return instance?.id === id ? instance : null;
}

function attemptOf({ instance, jobId, attempt }: JobEffect, { owner }: Site): Job | null {
  const job = owner.state === null ? null : jobOf(owner.state, jobId);
  return job?.attempt === attempt && job.current?.instance === instance ? job : null;
}

function waitingJob(effect: JobEffect, site: Site): Job | null {
  const instance = instanceOf(site, effect.instance);
  const job = attemptOf(effect, site);
  const mayTake = instance !== null && instance.intent === null && instance.exit === null;
  return job?.status === "starting" && mayTake ? job : null;
}
