import { activeJob, isLive, largest } from "../../../worker/execution/state.ts";
import type { Check } from "../checks.ts";
import type { Ledger, Seen } from "../ledger.ts";

export const containerChecks: readonly Check[] = [
  { promise: "invariant 3", check: oneLives },
  { promise: "invariant 3", check: nothingIsBuriedAlive },
  { promise: "invariant 7", check: deathsAreSeen },
  { promise: "invariant 9", check: nothingOutlivesItsUse },
  { promise: "recovery", check: startsAreCounted },
];

/** How long a death may go unseen where no monitor told of it: until the tick looks, and two seconds. */
const TICK_MS = 30_000;
const HOUR_MS = 3_600_000;
const SEEN_MS = 2_000;
/** How long a lost alarm may go unnoticed: overdue after 2 min, lapsed after 5, asked every 2. */
const UNNOTICED_MS = 15 * 60_000;

function oneLives({ site }: Seen): string | null {
  const { living } = site.platform;
  return living.length <= 1 ? null : `${living.length} containers live`;
}

function nothingIsBuriedAlive({ after, before, site }: Seen): string | null {
  const old = before?.instance ?? null;
  if (old === null || after?.instance?.id === old.id) return null;
  return site.platform.of(old.id)?.isAlive === true ? `${old.id} was given up while it lives` : null;
}

function deathsAreSeen({ after, now, site }: Seen): string | null {
  const instance = after?.instance ?? null;
  const exit = site.platform.of(instance?.id)?.exit ?? null;
  if (instance === null || exit === null || instance.exit !== null || instance.intent !== null) return null;
  // Where another runs in its place the platform tells nothing: whoever answers, or silence, tells it.
  if (site.platform.living.length > 0) return null;
  // Until the last that ran in its place had ended, nothing could be seen.
  const lastEndAt = Math.max(...site.platform.containers.map((each) => each.exit?.at ?? 0));
  const since = Math.max(lastEndAt, site.disturbedAt + UNNOTICED_MS, site.owner.frozenUntil);
  const scale = (after === null ? null : (activeJob(after) ?? after.jobs.at(-1)))?.policy.scale ?? 1;
  return now - since > TICK_MS * scale + SEEN_MS
    ? `${instance.id} is dead for ${now - exit.at} ms and counts as alive`
    : null;
}

function nothingOutlivesItsUse({ after, now, site }: Seen, { unneededSince }: Ledger): string | null {
  if (after === null || unneededSince === null || activeJob(after) !== null || after.jobs.some(isLive))
    return null;
  const living = site.platform.living[0];
  if (living === undefined) return null;
  const neededUntil = Math.max(unneededSince + largest(after, "idleMs"), after.instance?.previewUntil ?? 0);
  const since = Math.max(
    neededUntil,
    site.disturbedAt + UNNOTICED_MS,
    site.refusedAt,
    site.owner.frozenUntil,
  );
  return now - since > 90_000
    ? `${living.instance} lives ${now - neededUntil} ms longer than it is needed`
    : null;
}

/** The starts that the object counts within an hour are those it knows of. */
function startsAreCounted({ after, input, now }: Seen, { starts }: Ledger): string | null {
  if (after === null || !("instance" in input || input.kind === "woke")) return null;
  const known = Math.min(8, starts.filter(({ at }) => now - at < HOUR_MS).length);
  const counted = after.starts.filter((at) => now - at < HOUR_MS).length;
  return counted === known ? null : `${counted} starts are counted of ${known}`;
}
