import type { MetricName } from "../../metrics/names.ts";
import type { LogIds, MetricPoint } from "../../ports.ts";
import type { Instance, Job } from "../state.ts";

export type PointSubject = {
  readonly label: string;
  readonly detail?: string;
  readonly about: LogIds;
  readonly job?: Job | null;
  /** The container it is about, where that is known better than by the job. */
  readonly of?: Instance | null;
};

export function makePoint(name: MetricName, value: number, subject: PointSubject): MetricPoint {
  const { label, detail = "", about, job = null, of = null } = subject;
  return {
    name,
    value,
    label,
    detail,
    about,
    image: of?.image ?? job?.image ?? "",
    size: of?.size ?? job?.size ?? "",
    door: job?.door ?? "",
  };
}
