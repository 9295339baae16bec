/** What each move does to the world it meets. One that makes no sense there does nothing. */

import type { Beat } from "../../shared/beat.ts";
import type { Happening } from "../../worker/execution/input.ts";
import { type Container, REPLACED } from "./container.ts";
import { Draw } from "./draw.ts";
import { announceAndExit } from "./harness.ts";
import { type Blow, type Echoed, type Fate, jobIds, type Move } from "./moves.ts";
import { drawPlan, drawPolicy } from "./plans.ts";
import type { Site } from "./site.ts";

export function play(move: Move, site: Site, scale: number): void {
  const { owner, platform, world } = site;
  const [container] = platform.living;
  switch (move.kind) {
    case "wait":
      return;
    case "dispatch":
      return dispatch(move, site, scale);
    case "cancel":
      return site.call({ kind: "cancel", jobId: move.jobId, reason: "not wanted" });
    case "release":
      return site.call({ kind: "release", reason: "all done" });
    case "take": {
      const everything = {
        spansThrough: Number.MAX_SAFE_INTEGER,
        followUpsThrough: owner.stored.state?.cursor ?? 0,
        all: true,
      };
      return site.call({ kind: "take", jobId: move.jobId, running: everything, ended: everything });
    }
    case "extend": {
      const until = site.now + Math.round(move.byMs * (move.byMs > 3_600_000 ? 1 : scale));
      return site.call({ kind: "extend", jobId: move.jobId, deadline: move.deadline, until });
    }
    case "arm":
      return world.faults.arm(move.fault, move.times);
    case "throw-alarms":
      return owner.alarm.throwNext(move.times);
    case "evict":
      world.faults.happened("evicted");
      return owner.evict();
    case "freeze":
      return freeze(site, Math.round(move.ms * scale));
    case "lose-sight":
      if (container !== undefined) platform.loseSight(container);
      return;
    case "refuse-destroy":
      platform.destroyRefusedUntil = Math.max(platform.destroyRefusedUntil, site.now + move.ms * scale);
      return;
    case "echo":
      return echoAll(move.what, site);
    case "while":
      return site.doWhile(move.moment, () => {
        echoAll(move.what, site);
        const of = { jobId: jobIds[0], deadline: "max-duration", byMs: 300_000, afterMs: 0 } as const;
        if (move.next !== "nothing") play({ kind: move.next, ...of }, site, scale);
      });
    case "stale-beat":
      return staleBeat(site);
    case "crowd":
      for (let n = 0; n < move.count; n += 1) world.crowd.join(Math.round(move.ms * scale));
      return;
    case "look":
      return owner.wake();
    case "drain":
    case "announce":
    case "foreign":
    case "hole-beat":
    case "new-boot":
    case "forget-job":
    case "end":
    case "hang":
    case "mute":
    case "deafen":
    case "part":
      if (container !== undefined) befall(move, site, { container, scale });
  }
}

/** What happens to a container that lives. */
function befall(move: Blow, site: Site, { container, scale }: { container: Container; scale: number }): void {
  const { faults } = site.world;
  switch (move.kind) {
    case "end":
      faults.happened(move.how);
      return site.platform.end(container, endings[move.how]);
    case "drain":
      if (site.now < container.listensAt || site.now < container.hungUntil) return;
      faults.happened("drained");
      return announceAndExit(site, container, 143, "drained");
    case "announce":
      if (site.now < container.listensAt || site.now < container.hungUntil) return;
      faults.happened("exit-0-announced");
      return announceAndExit(site, container, 0, "shutting-down");
    case "foreign":
      return replace(site, container);
    case "new-boot":
      faults.happened("boot-changed");
      container.boot = site.world.freshId("boot");
      container.works.clear();
      container.beatTroubleAt = site.now;
      return;
    case "forget-job":
      faults.happened("job-forgotten");
      container.works.clear();
      container.beatTroubleAt = site.now;
      return;
    case "hole-beat":
      return holeBeat(site, container);
    case "hang":
      faults.happened("hung");
      container.hungUntil = Math.max(container.hungUntil, site.now + move.ms * scale);
      return;
    case "mute":
      faults.happened("beats-blocked");
      container.muteUntil = Math.max(container.muteUntil, site.now + move.ms * scale);
      return;
    case "deafen":
      faults.happened("probes-blocked");
      container.deafUntil = Math.max(container.deafUntil, site.now + move.ms * scale);
      return;
    case "part":
      faults.happened("partition");
      container.muteUntil = Math.max(container.muteUntil, site.now + move.ms * scale);
      container.deafUntil = Math.max(container.deafUntil, site.now + move.ms * scale);
  }
}

const endings: Readonly<Record<Fate, { readonly code: number | null; readonly message: string }>> = {
  vanishes: { code: null, message: "Network connection lost." },
  "exit-0": { code: 0, message: "exited with code 0" },
  "exit-1": { code: 1, message: "exited with code 1" },
  "exit-137": { code: 137, message: "exited with code 137" },
  "exit-143": { code: 143, message: "Runtime signalled the container to exit: 15" },
  rollout: { code: 143, message: "Runtime signalled the container to exit due to a new version rollout: 15" },
};

function dispatch(move: Extract<Move, { kind: "dispatch" }>, site: Site, scale: number): void {
  const { again, door, jobId, lot, size } = move;
  const draw = new Draw(lot);
  const policy = drawPolicy(draw, scale);
  const plan = drawPlan(draw, scale);
  const known = site.owner.stored.state?.jobs.find((job) => job.jobId === jobId);
  site.plans.set(`${jobId} ${(known?.round ?? 0) + 1}`, plan);
  if (known === undefined) site.plans.set(jobId, plan);
  site.call({
    kind: "dispatch",
    keyId: "key-1",
    request: {
      door,
      executionId: site.name,
      jobId,
      policy,
      image: "harness",
      size,
      board: "main",
      labels: {},
      warnings: [],
      again,
    },
  });
}

function freeze(site: Site, ms: number): void {
  const { owner, world } = site;
  if (owner.isFrozen) return;
  const from = site.now;
  world.faults.happened("frozen");
  owner.frozenUntil = from + ms;
  world.agenda.at(owner.frozenUntil, () => site.slept(from), -1);
}

/** Another container runs in the place of ours, and the object begins anew beside it. */
function replace(site: Site, container: Container): void {
  const { owner, platform, world } = site;
  world.faults.happened("foreign");
  owner.evict();
  platform.end(container, { code: null, message: REPLACED });
  platform.born(world.freshId("foreign"), { placedAfterMs: 0, listensAfterMs: 0 });
}

function echoAll(what: readonly Echoed[], site: Site): void {
  for (const each of what) echo(each, site);
}

/** A message that nobody waits for any more: of a container that is gone, or one that says nothing new. */
function echo(what: Echoed, site: Site): void {
  const { state } = site.owner.stored;
  const job = state?.jobs.at(0);
  if (job === undefined) return;
  const { jobId } = job;
  const of = { instance: state?.lastInstance?.id ?? "instance-of-nobody", jobId, attempt: job.attempt + 7 };
  const said = lateMessages(of);
  site.call(said[what]);
}

function lateMessages(of: { instance: string; jobId: string; attempt: number }): Record<Echoed, Happening> {
  const { attempt, instance, jobId } = of;
  const unknown = { kind: "unknown-job" } as const;
  return {
    started: { kind: "started", instance },
    "start-failed": { kind: "start-failed", instance, cause: "other", message: "late" },
    ready: { kind: "ready", instance, boot: "boot-late" },
    "probe-noted": { kind: "probe-noted", instance, text: "late" },
    foreign: { kind: "foreign", instance, seen: "instance-of-nobody" },
    accepted: { kind: "accepted", ...of, boot: "boot-late", beats: true },
    refused: { kind: "refused", ...of, error: "late" },
    "spec-unreadable": { kind: "spec-unreadable", jobId, attempt },
    answered: { kind: "answered", ...of, answer: unknown },
    polled: { kind: "polled", ...of, answer: unknown },
    "stop-told": { kind: "stop-told", instance, jobId, ok: true, text: "late" },
    signalled: { kind: "signalled", instance, signo: 15, ok: true, text: "late" },
    exited: { kind: "exited", instance, code: 0, message: "late" },
    dead: { kind: "dead", instance, proof: "late" },
    "destroy-unproved": { kind: "destroy-unproved", instance, text: "late" },
    slot: { kind: "slot", answer: { kind: "unreachable", text: "late" } },
    "slot-hint": { kind: "slot-hint" },
    "internal-error": { kind: "internal-error", text: "a defect" },
  };
}

function staleBeat(site: Site): void {
  const { world, ledger } = site;
  const beat = ledger.firstBeat;
  if (beat === null) return;
  world.faults.happened("stale-beat");
  site.beat({ ...beat, attempt: beat.attempt + 7 });
  site.beat({ ...beat, instance: "instance-of-nobody" });
  const { state } = site.owner.stored;
  if (beat.instance !== state?.instance?.id) site.beat(beat);
}

function holeBeat(site: Site, container: Container): void {
  for (const work of container.works.values()) {
    const beat: Beat = container.beatOf(work, site.now);
    const [first, , ...rest] = beat.events;
    if (!work.plan.beats || first === undefined || rest.length === 0) continue;
    const { terminal: _end, ...endless } = beat;
    site.world.faults.happened("hole-beat");
    site.beat({ ...endless, events: [first, ...rest] });
    return;
  }
}
