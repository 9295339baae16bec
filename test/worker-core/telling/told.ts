import type { LogLine, MetricPoint } from "../../../worker/ports.ts";
import { linesOf } from "../../../worker/execution/telling/lines.ts";
import { measure } from "../../../worker/execution/telling/measure.ts";
import type { Turned } from "../../../worker/execution/telling/turned.ts";
import type { Run } from "../run.ts";

/** The turns of a history that moved its state: those that are written, and then told of. */
export function turnsOf(run: Run): readonly Turned[] {
  return run.taken.flatMap(({ before, state, events, input, now, effects }) =>
    state === null || (state === before && effects.length === 0)
      ? []
      : [{ before, after: state, stepped: { events }, happening: input, now }],
  );
}

export function linesIn(run: Run): readonly LogLine[] {
  return turnsOf(run).flatMap((turned) => linesOf(turned));
}

export function pointsIn(run: Run): readonly MetricPoint[] {
  return turnsOf(run).flatMap((turned) => measure(turned));
}

/** Each line as its level, event and the word that says what it came to. */
export function outlineOf(lines: readonly LogLine[]): readonly string[] {
  return lines.map(({ level, event, fields }) => {
    const words = ["outcome", "cause", "deadline", "code", "phase"].map((name) => fields[name]);
    const word = words.find((each) => typeof each === "string");
    return typeof word === "string" ? `${level} ${event} ${word}` : `${level} ${event}`;
  });
}

/** Each point of a metric as its label, detail and value. */
export function valuesOf(points: readonly MetricPoint[], name: MetricPoint["name"]) {
  return points
    .filter((point) => point.name === name)
    .map(({ label, detail, value }) => [label, detail, value] as const);
}
