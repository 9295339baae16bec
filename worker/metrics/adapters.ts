/** Where measured facts leave: Workers Analytics Engine where it is bound, the log where that is asked for. */

import type { Log, LogIds, MetricPoint, Metrics } from "../ports.ts";
import { VERSION } from "../version.ts";
import { MetricNames } from "./names.ts";

/** An index of Analytics Engine has at most 96 bytes; the name of an execution is ASCII of at most 128. */
const INDEX_CHARS = 96;
/** A row has 16 KB of blobs; a job's id has at most 256 characters, so this cuts nothing that is an id. */
const BLOB_CHARS = 256;

export type MetricsSettings = {
  readonly METRICS?: Pick<AnalyticsEngineDataset, "writeDataPoint">;
  readonly HOLT_LOG_METRICS?: string;
};

/** A deployment without the binding measures nothing, and says nothing of it. */
export function metricsOf({ METRICS, HOLT_LOG_METRICS }: MetricsSettings, log: Log): Metrics {
  const asked = HOLT_LOG_METRICS === "on" ? [(point: MetricPoint) => logPoint(point, log)] : [];
  const bound = METRICS === undefined ? [] : [(point: MetricPoint) => METRICS.writeDataPoint(toRow(point))];
  return {
    write: (points) => {
      for (const point of points) {
        for (const send of [...asked, ...bound]) attempt(() => send(point), log);
      }
    },
  };
}

/**
 * The one layout of every row, so that one query reads any metric.
 *
 *     index1  execution                  double1  value
 *     blob1   metric                     double2  round
 *     blob2   label                      double3  attempt
 *     blob3   detail
 *     blob4   job         blob5  instance
 *     blob6   image       blob7  size
 *     blob8   door        blob9  version of the Worker
 */
export function toRow({ name, value, label, detail, about, image, size, door }: MetricPoint): Row {
  const { executionId = "", jobId = "", instance = "", round = 0, attempt: tries = 0 } = about;
  const blobs = [name, label, detail, jobId, instance, image, size, door, VERSION];
  return {
    indexes: [executionId.slice(0, INDEX_CHARS)],
    blobs: blobs.map((blob) => blob.slice(0, BLOB_CHARS)),
    doubles: [value, round, tries],
  };
}

export type Row = {
  readonly indexes: string[];
  readonly blobs: string[];
  readonly doubles: number[];
};

function logPoint({ name, value, label, detail, about, image, size, door }: MetricPoint, log: Log): void {
  const ids: LogIds = about;
  const fields = { metric: name, value, unit: MetricNames[name], label, detail, image, size, door };
  log.child(ids).write("info", "metric.point", fields);
}

/** What is measured has happened already, and must not fail for being measured. */
function attempt(send: () => void, log: Log): void {
  try {
    send();
  } catch (error) {
    log.write("warn", "metric.lost", { error });
  }
}
