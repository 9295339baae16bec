import { env } from "cloudflare:workers";
import { test } from "vitest";
import { metricsOf, toRow } from "../../worker/metrics/adapters.ts";
import type { MetricPoint } from "../../worker/ports.ts";
import { recordingLog, type WrittenLine } from "./recording-log.ts";

function makePoint(over: Partial<MetricPoint> = {}): MetricPoint {
  const about = {
    executionId: "exec_1",
    jobId: "exec_1-coder",
    round: 2,
    attempt: 3,
    instance: "instance-1",
  };
  return {
    name: "working",
    value: 1_234,
    label: "first",
    detail: "",
    about,
    image: "harness",
    size: "standard-1",
    door: "native",
    ...over,
  };
}

function recorded() {
  const lines: WrittenLine[] = [];
  return { lines, log: recordingLog((line) => void lines.push(line)) };
}

test("every metric has one layout of row", ({ expect }) => {
  expect(toRow(makePoint())).toEqual({
    indexes: ["exec_1"],
    blobs: ["working", "first", "", "exec_1-coder", "instance-1", "harness", "standard-1", "native", "0.1.0"],
    doubles: [1_234, 2, 3],
  });
  expect(toRow(makePoint({ about: {} }))).toMatchObject({ indexes: [""], doubles: [1_234, 0, 0] });
});

test("a row keeps within what Analytics Engine takes, whatever the ids", ({ expect }) => {
  const long = { executionId: "e".repeat(128), jobId: "\u{1F600}".repeat(128), instance: "i".repeat(64) };
  const { indexes, blobs, doubles } = toRow(makePoint({ about: long, detail: "€".repeat(5_000) }));
  const bytes = (texts: readonly string[]) => new TextEncoder().encode(texts.join("")).byteLength;
  expect(indexes.length).toBe(1);
  expect(bytes(indexes)).toBeLessThanOrEqual(96);
  expect(blobs.length).toBeLessThanOrEqual(20);
  expect(bytes(blobs)).toBeLessThanOrEqual(16_000);
  expect(doubles.length).toBeLessThanOrEqual(20);
});

test("points go to the dataset that is bound; the binding of workerd takes their rows", ({ expect }) => {
  const rows: unknown[] = [];
  const { lines, log } = recorded();
  const dataset = { writeDataPoint: (row: unknown) => void rows.push(row) };
  metricsOf({ METRICS: dataset }, log).write([makePoint(), makePoint({ name: "accepted" })]);
  expect(rows).toEqual([toRow(makePoint()), toRow(makePoint({ name: "accepted" }))]);
  metricsOf({ METRICS: env.METRICS }, log).write([makePoint()]);
  expect(lines).toEqual([]);
});

test("without the binding nothing leaves; where it is asked for, each point is a line too", ({ expect }) => {
  const { lines, log } = recorded();
  metricsOf({}, log).write([makePoint()]);
  metricsOf({ HOLT_LOG_METRICS: "off" }, log).write([makePoint()]);
  expect(lines).toEqual([]);
  metricsOf({ HOLT_LOG_METRICS: "on" }, log).write([makePoint()]);
  expect(lines).toMatchObject([
    {
      level: "info",
      event: "metric.point",
      fields: { metric: "working", value: 1_234, unit: "ms", executionId: "exec_1", attempt: 3 },
    },
  ]);
});

test("a dataset that throws loses the point, says so, and keeps no other from leaving", ({ expect }) => {
  const { lines, log } = recorded();
  const rows: unknown[] = [];
  const dataset = {
    writeDataPoint: (row: unknown) => {
      rows.push(row);
      throw new Error("over the limit");
    },
  };
  metricsOf({ METRICS: dataset }, log).write([makePoint(), makePoint()]);
  expect(rows).toHaveLength(2);
  expect(lines.map(({ level, event }) => `${level} ${event}`)).toEqual([
    "warn metric.lost",
    "warn metric.lost",
  ]);
});
