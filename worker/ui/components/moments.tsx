import { toAge, toClock, toCountdown, toMoment } from "../formats.ts";
import { useNow } from "../live/use-now.ts";

type MomentProps = {
  /** By the server's clock. */
  readonly at: number;
  /** How far the server's clock is ahead of this one. */
  readonly skewMs?: number;
};

/** How long ago something was; goes on by itself. */
export function Age({ at, skewMs = 0 }: MomentProps) {
  const age = toAge(Math.max(0, useNow() + skewMs - at));
  return (
    <time class="number" dateTime={new Date(at).toISOString()} title={toMoment(at - skewMs)}>
      {age === "now" ? "just now" : `${age} ago`}
    </time>
  );
}

/** How long until something; counts down by itself, and stays at zero. */
export function Countdown({ at, skewMs = 0 }: MomentProps) {
  return (
    <time class="number" dateTime={new Date(at).toISOString()} title={toMoment(at - skewMs)}>
      {toCountdown(at - useNow() - skewMs)}
    </time>
  );
}

/** A time of day on this machine. */
export function Clock({ at, skewMs = 0 }: MomentProps) {
  const local = at - skewMs;
  return (
    <time class="number" dateTime={new Date(at).toISOString()} title={toMoment(local)}>
      {toClock(local, useNow())}
    </time>
  );
}
