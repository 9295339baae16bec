import { deadlines } from "../../worker/execution/deadlines.ts";
import { isLive } from "../../worker/execution/state.ts";
import type { Coverage } from "./coverage.ts";
import { Draw } from "./draw.ts";
import { type Move, moveOf } from "./moves.ts";
import { play } from "./playing.ts";
import type { Site } from "./site.ts";
import { World } from "./world.ts";

/** One number for the world it happens in, one for each move: the same numbers, the same history. */
export type History = { readonly opening: number; readonly moves: readonly number[] };

/** More happens in no history that comes to an end. */
const HAPPENED_MAX = 200_000;
const HOUR_MS = 3_600_000;
/** One visit, and its answer. */
const VISITED_MS = 1_000;

/** Plays a history, and lets it come to its end. Throws a `Violation` at the first promise that is broken. */
export function live({ opening, moves }: History, coverage: Coverage): void {
  const { site, scale } = begin(opening, coverage);
  for (const number of moves) {
    const move = moveOf(number);
    site.world.agenda.runUntil(site.now + Math.round(move.afterMs * scale));
    play(move, site, scale);
  }
  settle([site]);
}

/** What stands in a report: every move, in words and with its time. */
export function describe({ opening, moves }: History): readonly string[] {
  return [`opening ${opening}: ${JSON.stringify(firstMove(new Draw(opening)))}`, ...moves.map(inWords)];
}

function inWords(number: number): string {
  const { afterMs, kind, ...rest } = moveOf(number);
  return `${String(afterMs).padStart(6)} ms later: ${kind} ${JSON.stringify(rest)}`;
}

function begin(opening: number, coverage: Coverage): { readonly site: Site; readonly scale: number } {
  const draw = new Draw(opening);
  const first = firstMove(draw);
  const scale = draw.pick([1, 1, 1, 1, 0.1, 0.1, 0.1, 4]);
  const world = new World({ seed: opening, maxSlots: draw.pick([1, 2, 3]), coverage });
  const site = world.newSite("run_1");
  site.skewDays = draw.pick([0, 0, 1, -1]);
  // Whoever is asked about an execution of which nothing is stored answers, and writes nothing.
  if (draw.oneIn(20)) ask(site);
  play(first, site, scale);
  return { site, scale };
}

function ask(site: Site): void {
  const { jobId } = firstJob;
  site.call({ kind: "cancel", jobId, reason: "not known" });
  site.call({ kind: "release", reason: "not known" });
  site.call({ kind: "extend", jobId, deadline: "inactivity", until: site.now + 1_000 });
  const none = { spansThrough: 0, followUpsThrough: 0, all: true };
  site.call({ kind: "take", jobId, running: none, ended: none });
  site.call({ kind: "tick" });
  site.call({ kind: "woke", running: false });
  const age = { outputAgeMs: null, toolAgeMs: null };
  const from = { attempt: 1, boot: "boot-none", instance: "instance-none" };
  site.beat({ v: 1, jobId, ...from, sentAt: site.now, phase: "agent", ...age, events: [] });
}

const firstJob = { kind: "dispatch", jobId: "run_1-a", afterMs: 0 } as const;

function firstMove(draw: Draw): Move {
  return {
    ...firstJob,
    door: draw.pick(["job", "native"]),
    again: false,
    size: "standard-1",
    lot: draw.below(2 ** 31),
  };
}

/** From here on everybody does his duty: what is to end, ends, within the time that its deadlines leave it. */
export function settle(sites: readonly Site[]): void {
  const [{ world } = none()] = sites;
  const { agenda } = world;
  world.faults.clear();
  for (const { owner } of sites) owner.alarm.calm();
  const endsBy = Math.max(...sites.map((site) => latestEnd(site)));
  const limit = agenda.happened + HAPPENED_MAX * sites.length;
  for (const site of sites) {
    while (!isOver(site)) {
      if (agenda.happened > limit) world.violated("liveness", "somebody spins");
      if (agenda.now > endsBy) world.violated("liveness", `later than it may: ${told(site)}`);
      if (agenda.size === 0) callAgain(site);
      agenda.runNext();
    }
  }
  for (const site of sites) {
    awaitVisit(site);
    checkEnd(site);
  }
}

/** A place without a slot is watched only, and goes when a visit finds nothing live. */
function awaitVisit({ name, world }: Site): void {
  const { admission, agenda } = world;
  const place = admission.line.places.get(name);
  if (place?.kind === "watched") agenda.runUntil(Math.max(agenda.now, place.checkAt) + VISITED_MS);
}

function none(): never {
  throw new Error("there is no execution to bring to its end");
}

/** Nothing happens by itself any more. An object whose alarm was lost before Admission knew of it wakes at the next call. */
function callAgain(site: Site): void {
  const { owner, world } = site;
  if (owner.alarm.at !== null || world.admission.line.places.has(site.name))
    world.violated("invariant 8", `nobody comes: ${told(site)}`);
  owner.evict();
  world.agenda.in(60_000, () => owner.wake());
}

function isOver({ owner, platform }: Site): boolean {
  const { state } = owner.stored;
  if (state === null) return platform.living.length === 0;
  if (owner.alarm.at !== null) return false;
  const names = deadlines(state).map(({ name }) => name);
  return names.length === 1 && names[0] === "retention";
}

/** Each round may wait, start, work and stop for as long as its policy says; people may have allowed more. */
function latestEnd({ now, owner }: Site): number {
  const jobs = owner.stored.state?.jobs ?? [];
  const perJob = jobs.map(({ extended, policy }) => {
    const allowed = Object.values(extended).map((until) => Math.max(0, until - now));
    const { maxDurationMs, queuedMs, retentionMs, startingMs } = policy;
    return Math.max(0, ...allowed) + 3 * queuedMs + 6 * startingMs + maxDurationMs + retentionMs;
  });
  const preview = Math.max(0, (owner.stored.state?.instance?.previewUntil ?? 0) - now);
  return now + perJob.reduce((sum, ms) => sum + ms, 0) + preview + 3 * HOUR_MS;
}

function checkEnd(site: Site): void {
  const { ledger, owner, platform, world } = site;
  const open = [...ledger.rounds].filter(([, { end }]) => end === null);
  if (open.length > 0) world.violated("liveness", `${open.map(([key]) => key).join(", ")} never ended`);
  if (platform.living.length > 0) world.violated("invariant 9", "a container is left");
  if (owner.stored.state?.jobs.some(isLive) === true) world.violated("liveness", "a job is left");
  const place = world.admission.line.places.get(site.name);
  const isPending = [...owner.stored.effects.values()].some(({ kind }) => kind === "give-slot");
  if (place !== undefined && !isPending) world.violated("admission", `a ${place.kind} was not given back`);
}

function told({ owner }: Site): string {
  return JSON.stringify(owner.stored.state);
}
