/** What both doors do with a job body before an object hears of it. */

import { aboutOf } from "../../shared/about.ts";
import type { ImageName, InstanceSize } from "../../shared/dispatch.ts";
import { type Refusal, refuse } from "../../shared/errors.ts";
import { ATTEMPT_FIELD } from "../../shared/harness-wire.ts";
import { fieldsWithoutEffect, parseJobBody } from "../../shared/job-body.ts";
import { Limits } from "../../shared/limits.ts";
import { type PolicyRequest, resolvePolicy } from "../../shared/policy.ts";
import type { DispatchRequest, Door } from "../execution/rpc.ts";

/** The job body as the harness will read it, `kind` and `jobId` included. */
export type JobFields = Readonly<Record<string, unknown>>;

export type Wishes = {
  readonly door: Door;
  readonly policy: PolicyRequest;
  readonly size: InstanceSize;
  readonly board: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly again: boolean;
  readonly warnings: readonly string[];
};

export type Admission =
  | { readonly ok: true; readonly request: Omit<DispatchRequest, "executionId"> }
  | Refusal;

export const DEFAULT_SIZE: InstanceSize = "standard-1";
export const DEFAULT_BOARD = "main";

const IMAGE: ImageName = "harness";

/** Refuses what the job protocol refuses; names what is dropped and what has no effect. */
export function admit(fields: JobFields, wishes: Wishes, allowedHosts: readonly string[]): Admission {
  const parsed = parseJobBody(fields, { allowedHosts });
  if (!parsed.ok) return refuse("invalid-job", parsed.error);
  const { job } = parsed;
  const resolved = resolvePolicy(wishes.policy);
  if (!resolved.ok) return refuse("invalid-request", resolved.error);
  const { [ATTEMPT_FIELD]: reserved, ...spec } = fields;
  const warnings = [
    ...wishes.warnings,
    ...parsed.warnings,
    ...fieldsWithoutEffect(job),
    ...(reserved === undefined ? [] : [`'${ATTEMPT_FIELD}' is not a caller's to set; dropped.`]),
  ];
  const { door, size, board, labels, again } = wishes;
  const { policy } = resolved;
  return {
    ok: true,
    request: {
      door,
      jobId: job.jobId,
      spec: JSON.stringify(spec),
      policy,
      image: IMAGE,
      size,
      board,
      labels,
      about: aboutOf(job),
      warnings: warnings.slice(0, Limits.notesPerJob),
      again,
    },
  };
}

/** What either door may ask for and this version does not have yet; null where it asks for none of it. */
export function unbuiltWish({
  notify,
  image,
}: {
  readonly notify?: unknown;
  readonly image?: unknown;
}): Refusal | null {
  if (notify !== undefined) return refuse("not-available-yet", "Webhooks ('notify') are not available yet.");
  if (image === undefined || image === IMAGE) return null;
  return refuse("not-available-yet", `Only the image '${IMAGE}' is available yet.`);
}
