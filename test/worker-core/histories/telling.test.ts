import { test } from "vitest";
import { MetricNames } from "../../../worker/metrics/names.ts";
import type { MetricPoint } from "../../../worker/ports.ts";
import { toRow } from "../../../worker/metrics/adapters.ts";
import { linesIn, pointsIn } from "../telling/told.ts";
import type { Run } from "../run.ts";
import { everySettledHistory } from "./every-history.ts";

const countOf = (points: readonly MetricPoint[], name: MetricPoint["name"]): number =>
  points.filter((point) => point.name === name).length;

test("whatever happens, each end, loss, recovery and gap is measured once and told once", ({ expect }) => {
  everySettledHistory(({ run }) => {
    const [points, lines] = [pointsIn(run), linesIn(run)];
    const eventsOf = (kind: string) => run.events.filter((event) => event.kind === kind);
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
  everySettledHistory(({ run }) => {
    const seconds = pointsIn(run)
      .filter(({ name }) => name === "container-seconds")
      .reduce((sum, { value }) => sum + value, 0);
    expect(seconds).toBeCloseTo((run.state?.containerMs ?? 0) / 1_000, 3);
  });
});

test("a round is accepted, at work and heard of at most once, and no number is negative", ({ expect }) => {
  everySettledHistory(({ run }) => {
    const isBack = goesBack(run);
    const seen = new Set<string>();
    for (const point of pointsIn(run)) {
      const { name, value, about } = point;
      expect(value, name).toBeGreaterThanOrEqual(0);
      expect(Object.keys(MetricNames)).toContain(name);
      expect(toRow(point).indexes).toEqual([run.state?.executionId]);
      if (name !== "accepted" && name !== "working" && name !== "first-output") continue;
      if (name === "working" && isBack) continue;
      const key = `${name} ${about.jobId} ${about.round}`;
      expect(seen.has(key), key).toBe(false);
      seen.add(key);
    }
  });
});

/** Whether a harness told of a set-up after its agent had begun, which ours does not: that one begins again. */
function goesBack({ taken }: Run): boolean {
  const setUps = new Set(["starting", "clone", "dependencies", "infra", "serve"]);
  return taken.some(({ before, state }) =>
    state?.jobs.some((job) => {
      const old = before?.jobs.find(({ jobId }) => jobId === job.jobId);
      if (old?.status !== "running" || job.status !== "running") return false;
      return !setUps.has(old.phase) && setUps.has(job.phase);
    }),
  );
}
