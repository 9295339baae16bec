/** The numbers of a start: the facts that the Worker measured, kept in a file and told to a person. */
import { appendFileSync, writeFileSync } from "node:fs";
import * as z from "zod";
import { parseJson } from "../shared/json.ts";

/** One line of the Worker's log that carries a measured fact. */
const Point = z.looseObject({
  event: z.literal("metric.point"),
  metric: z.string(),
  value: z.number(),
  unit: z.string(),
  executionId: z.string(),
});
type Point = z.infer<typeof Point>;

export type LocalMetrics = {
  /** Takes any line that the Worker printed; those that are no facts are left alone. */
  readonly take: (line: string) => void;
  /** The newest facts of an execution on one line; null where none came. */
  readonly summarize: (executionId: string) => string | null;
};

/** Of one execution; more than a demo has. */
const POINTS_MAX = 1_000;

/** Begins the file anew: it holds what this start measured, a JSON object a line. */
export function keepMetrics(file: string): LocalMetrics {
  writeFileSync(file, "", { mode: 0o600 });
  const points: Point[] = [];
  return {
    take: (line) => {
      if (!line.includes('"metric.point"')) return;
      const { data } = Point.safeParse(parseJson(line));
      if (data === undefined) return;
      appendFileSync(file, `${JSON.stringify(data)}\n`);
      points.push(data);
      if (points.length > POINTS_MAX) points.shift();
    },
    summarize: (executionId) => {
      const own = points.filter((point) => point.executionId === executionId);
      const newest = new Map(own.map((point) => [point.metric, point]));
      const shown = [...newest.values()].map(({ metric, value, unit }) => `${metric} ${toText(value, unit)}`);
      return shown.length === 0 ? null : shown.join(" · ");
    },
  };
}

function toText(value: number, unit: string): string {
  if (unit === "ms") return value < 1_000 ? `${Math.round(value)} ms` : `${(value / 1_000).toFixed(1)} s`;
  return unit === "s" ? `${value.toFixed(1)} s` : `${value} ${unit}`;
}
