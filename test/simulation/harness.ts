/** What the process inside a container does of itself: it works, beats, hears what it is told, and ends. */

import type { Beat } from "../../shared/beat.ts";
import type { Reply } from "../../worker/execution/lifecycle/turn.ts";
import type { Container } from "./container.ts";
import type { Site } from "./site.ts";
import type { Work } from "./work.ts";

/** A beat that is overtaken, or comes a second time, arrives so late. */
const LATE_MS = 15_000;
const DOUBLE_MS = 3_000;

const beating = new WeakSet<Work>();

/** A job that was taken is worked on, and beaten for until its end is known to be stored. */
export function hear(site: Site, container: Container, work: Work): void {
  if (beating.has(work)) return;
  beating.add(work);
  site.world.agenda.in(50, () => beatAgain(site, container, work));
}

export function stopWork(site: Site, container: Container, work: Work, cause: string): void {
  const { agenda, faults } = site.world;
  if (work.stopAsked || work.terminal !== null) return;
  work.stopAsked = true;
  if (!work.plan.obeysStop) return faults.happened("stop-ignored");
  agenda.in(300, () => {
    if (!container.isAlive || agenda.now < container.hungUntil) return;
    work.finish({ state: "failed", error: `stopped: ${cause}`, detail: `it hung in ${work.phase}` });
    if (work.plan.beats) send(site, container, work);
  });
}

/** Says something in a last beat, and ends. */
export function announceAndExit(site: Site, container: Container, code: number, note: string): void {
  for (const work of container.works.values()) {
    if (work.terminal !== null || !work.plan.beats) continue;
    work.note(site.world.agenda.now, note);
    send(site, container, work);
  }
  site.world.agenda.in(300, () =>
    site.platform.end(container, { code, message: `exited with code ${code}` }),
  );
}

function beatAgain(site: Site, container: Container, work: Work): void {
  const { agenda, faults } = site.world;
  const isCurrent = container.works.get(work.jobId) === work;
  if (!container.isAlive || !isCurrent || work.isHeard) return;
  if (agenda.now < container.hungUntil) {
    container.beatTroubleAt = agenda.now;
    if (Number.isFinite(container.hungUntil)) {
      agenda.at(container.hungUntil, () => beatAgain(site, container, work));
    }
    return;
  }
  if (work.goOn(agenda.now) > 0) faults.happened("buffer-full");
  send(site, container, work);
  agenda.in(site.beatMs(work.jobId), () => beatAgain(site, container, work));
}

function send(site: Site, container: Container, work: Work): void {
  const { agenda, faults } = site.world;
  const whole = container.beatOf(work, agenda.now);
  // An object that does not run answers nothing: the beat is sent again, like any that was not answered.
  if (site.owner.isFrozen) return;
  if (agenda.now < container.muteUntil || faults.strikes("beat-lost")) {
    container.beatTroubleAt = agenda.now;
    return;
  }
  const beat = faults.strikes("beat-cut") ? half(whole) : whole;
  if (faults.strikes("beat-late")) {
    container.beatTroubleAt = agenda.now;
    work.delayedMs = LATE_MS;
    agenda.in(LATE_MS, () => site.beat(beat));
    return;
  }
  const reply = site.beat(beat);
  if (faults.strikes("beat-doubled")) {
    // Without a number nobody knows the second one for the first.
    if (!work.plan.counts) work.delayedMs = Math.max(work.delayedMs, DOUBLE_MS);
    agenda.in(DOUBLE_MS, () => site.beat(beat));
  }
  if (reply === null || faults.strikes("ack-lost")) return;
  takeReply(site, container, work, { beat, reply });
}

function takeReply(
  site: Site,
  container: Container,
  work: Work,
  { beat, reply }: { readonly beat: Beat; readonly reply: Reply },
): void {
  if (reply.kind === "refused") {
    const exit = { code: 75, message: "the harness was told that it was replaced" };
    site.world.agenda.in(50, () => site.platform.end(container, exit));
    return;
  }
  if (reply.kind !== "beat") return;
  work.acknowledge(reply.reply.ack, beat.terminal !== undefined);
  const stop = reply.reply.directives.find(({ kind }) => kind === "stop");
  if (stop?.kind === "stop") stopWork(site, container, work, stop.cause);
}

function half(beat: Beat): Beat {
  const { terminal: _left, ...rest } = beat;
  return { ...rest, events: beat.events.slice(0, Math.floor(beat.events.length / 2)) };
}
