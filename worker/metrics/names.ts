/** Every metric and the unit of its values; docs/operations.md says what each means. */
export const MetricNames = {
  "queue-wait": "ms",
  start: "ms",
  "start-failed": "ms",
  accepted: "ms",
  working: "ms",
  "first-output": "ms",
  detection: "ms",
  recovery: "count",
  "wasted-seconds": "s",
  gap: "events",
  stop: "ms",
  outcome: "ms",
  "container-seconds": "s",
  "beat-refused": "count",
  "slots-live": "slots",
  "slots-waiting": "executions",
  "slots-max": "slots",
  "slots-oldest-wait": "ms",
  "slots-lapsed": "executions",
  "sweep-failed": "count",
  orphan: "s",
} as const satisfies Record<string, string>;

export type MetricName = keyof typeof MetricNames;
