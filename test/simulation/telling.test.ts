import * as fc from "fast-check";
import { test } from "vitest";
import { linesOf } from "../../worker/execution/telling/lines.ts";
import { measure } from "../../worker/execution/telling/measure.ts";
import type { Turned } from "../../worker/execution/telling/turned.ts";
import { toRow } from "../../worker/metrics/adapters.ts";
import { MetricNames } from "../../worker/metrics/names.ts";
import type { LogLine, MetricPoint } from "../../worker/ports.ts";
import type { NewEvent } from "../../worker/execution/lifecycle/turn.ts";
import type { ExecutionState } from "../../worker/execution/state.ts";
import { Coverage } from "./coverage.ts";
import { live } from "./history.ts";
import type { Seen } from "./ledger.ts";
import { histories } from "./run.ts";

/** What a history came to, in events, in lines of the log and in numbers. */
type Told = {
  readonly steps: readonly Seen[];
  readonly events: readonly NewEvent[];
  readonly lines: readonly LogLine[];
  readonly points: readonly MetricPoint[];
  readonly last: ExecutionState | null;
};

const seed = 20_990_101;

function everyHistory(check: (told: Told) => void): void {
  fc.assert(
    fc.property(histories, (history) => {
      const steps: Seen[] = [];
      live(history, new Coverage((seen) => steps.push(seen)));
      check(toTold(steps));
    }),
    { seed, numRuns: 200 },
  );
}

/** The turns that moved the state are those that are written, and then told of. */
function toTold(steps: readonly Seen[]): Told {
  const turns = steps.flatMap(({ after, before, input, now, stepped }): Turned[] =>
    after === null || (after === before && stepped.effects.length === 0)
      ? []
      : [{ before, after, stepped, happening: input, now }],
  );
  return {
    steps,
    events: turns.flatMap(({ stepped }) => stepped.events),
    lines: turns.flatMap((turned) => linesOf(turned)),
    points: turns.flatMap((turned) => measure(turned)),
    last: turns.at(-1)?.after ?? null,
  };
}

const countOf = (points: readonly MetricPoint[], name: MetricPoint["name"]): number =>
  points.filter((point) => point.name === name).length;

test("whatever happens, each end, loss, recovery and gap is measured once and told once", ({ expect }) => {
  everyHistory(({ events, lines, points }) => {
    const eventsOf = (kind: string) => events.filter((event) => event.kind === kind);
    const told = (event: string): number => lines.filter((line) => line.event === event).length;
    const losses = eventsOf("verdict").filter(({ body }) => "decision" in body);
    const healed = losses.filter(({ body }) => body["decision"] === "recover");
    expect(countOf(points, "outcome")).toBe(eventsOf("terminal").length);
    expect(told("job.ended")).toBe(eventsOf("terminal").length);
    expect(told("attempt.lost")).toBe(losses.length);
    expect(countOf(points, "recovery")).toBe(healed.length);
    expect(told("job.recovering")).toBe(healed.length);
    expect(countOf(points, "gap")).toBe(eventsOf("gap").length);
  });
});

test("the seconds of all buried containers are those that the execution counts", ({ expect }) => {
  everyHistory(({ last, points }) => {
    const seconds = points
      .filter(({ name }) => name === "container-seconds")
      .reduce((sum, { value }) => sum + value, 0);
    expect(seconds).toBeCloseTo((last?.containerMs ?? 0) / 1_000, 3);
  });
});

test("a round is accepted, at work and heard of at most once, and no number is negative", ({ expect }) => {
  everyHistory(({ last, points, steps }) => {
    const isBack = goesBack(steps);
    const seen = new Set<string>();
    for (const point of points) {
      const { name, value, about } = point;
      expect(value, name).toBeGreaterThanOrEqual(0);
      expect(Object.keys(MetricNames)).toContain(name);
      expect(toRow(point).indexes).toEqual([last?.executionId]);
      if (name !== "accepted" && name !== "working" && name !== "first-output") continue;
      if (name === "working" && isBack) continue;
      const key = `${name} ${about.jobId} ${about.round}`;
      expect(seen.has(key), key).toBe(false);
      seen.add(key);
    }
  });
});

/** Whether a harness told of a set-up after its agent had begun, which ours does not: that one begins again. */
function goesBack(steps: readonly Seen[]): boolean {
  const setUps = new Set(["starting", "clone", "dependencies", "infra", "serve"]);
  return steps.some(({ before, after: state }) =>
    state?.jobs.some((job) => {
      const old = before?.jobs.find(({ jobId }) => jobId === job.jobId);
      if (old?.status !== "running" || job.status !== "running") return false;
      return !setUps.has(old.phase) && setUps.has(job.phase);
    }),
  );
}
