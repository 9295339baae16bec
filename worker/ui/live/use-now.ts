import { useEffect, useState } from "preact/hooks";
import { after, now, visibility } from "../system.ts";

/** The time, told each second to what shows it and to nothing else; not while nobody looks. */
export function useNow(): number {
  const [time, setTime] = useState(now);
  useEffect(() => {
    listeners.add(setTime);
    if (listeners.size === 1) start();
    else setTime(now());
    return () => {
      listeners.delete(setTime);
      if (listeners.size === 0) stop();
    };
  }, []);
  return time;
}

/** Whether that moment, by this clock, has passed; drawn again when it does, and not before. */
export function useIsPast(at: number | null): boolean {
  const [seen, setSeen] = useState(now);
  useEffect(() => (at === null ? undefined : after(Math.max(0, at - now()) + 1, () => setSeen(now()))), [at]);
  return at !== null && Math.max(seen, now()) > at;
}

// One beat for all, so that what counts down on one screen does so together.
const listeners = new Set<(time: number) => void>();
let stop = (): void => undefined;

function start(): void {
  let cancel = (): void => undefined;
  const tick = (): void => {
    cancel();
    const time = now();
    for (const listener of listeners) listener(time);
    if (visibility.isVisible()) cancel = after(1_000 - (time % 1_000), tick);
  };
  const unlisten = visibility.onChange(tick);
  stop = () => {
    cancel();
    unlisten();
  };
  tick();
}
