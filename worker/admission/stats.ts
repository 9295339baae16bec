import type { MetricName } from "../metrics/names.ts";
import type { MetricPoint } from "../ports.ts";
import { inLine, type Line, slotCount } from "./line.ts";
import type { AdmissionStats } from "./rpc.ts";

export function statsOf(line: Line, now: number): AdmissionStats {
  const waiting = inLine(line);
  const live = slotCount(line);
  const { orphanMs, ...totals } = line.totals;
  return {
    live,
    waiting: waiting.length,
    max: line.max,
    oldestWaitMs: waiting.reduce((oldest, { since }) => Math.max(oldest, now - since), 0),
    lapsed: [...line.places.values()].filter(({ lapsed }) => lapsed).length,
    ...totals,
    orphanSeconds: Math.round(orphanMs / 1000),
  };
}

/** How it stands at a sweep, and what went wrong since the state before it. */
export function measureSweep(before: Line, after: Line, now: number): readonly MetricPoint[] {
  const { live, waiting, max, oldestWaitMs, lapsed } = statsOf(after, now);
  const failed = after.totals.failed - before.totals.failed;
  return [
    gauge("slots-live", live),
    gauge("slots-waiting", waiting),
    gauge("slots-max", max),
    gauge("slots-oldest-wait", oldestWaitMs),
    gauge("slots-lapsed", lapsed),
    ...(failed === 0 ? [] : [gauge("sweep-failed", failed)]),
  ];
}

/** A container that ran though nothing needed it: for how long. */
export function measureOrphan(executionId: string, orphanMs: number): readonly MetricPoint[] {
  return [{ ...gauge("orphan", orphanMs / 1000), about: { executionId } }];
}

function gauge(name: MetricName, value: number): MetricPoint {
  // Of no execution: an index of its own keeps these rows together.
  const about = { executionId: "admission" };
  return { name, value, label: "", detail: "", about, image: "", size: "", door: "" };
}
