/** The job protocol: what clients of the original harness speak. */

import { InstanceSize } from "../../shared/dispatch.ts";
import { refuse } from "../../shared/errors.ts";
import { Limits } from "../../shared/limits.ts";
import type { PolicyRequest } from "../../shared/policy.ts";
import { DEFAULT_BOARD, DEFAULT_SIZE, type JobFields, admit, unbuiltWish } from "./admission.ts";
import { readJson } from "./body.ts";
import { type Handler, ask, json } from "./call.ts";
import { ownerOf } from "./ids.ts";
import { redactorOf, withoutSecretsOf } from "./own-secrets.ts";
import { readOptionsOf } from "./query.ts";
import { viewResponse } from "./view-response.ts";

/** `POST /jobs`. Outcomes in the original's order: JSON, kind, body; then what this version lacks. */
export const dispatchJob: Handler = async ({ request, requestId }, deps) => {
  const body = await readJson(request, { maxBytes: Limits.dispatchBytes });
  if (!body.ok) return body;
  if (body.value === null) return refuse("invalid-job", "Invalid job: body must be an object");
  const kind = kindOf(body.value);
  if (kind !== "agent" || !isFields(body.value)) {
    return refuse("unknown-job-kind", `unknown job kind '${redactorOf(body.value)(kind).slice(0, 100)}'`);
  }
  const fields = body.value;
  const { size, warnings } = sizeOf(fields);
  const admission = admit(
    fields,
    { door: "job", policy, size, board: DEFAULT_BOARD, labels: {}, again: false, warnings },
    deps.allowedHosts,
  );
  if (!admission.ok) return withoutSecretsOf(fields, admission);
  const unbuilt = unbuiltWish({ notify: fields["notify"], image: fields["image"] });
  if (unbuilt !== null) return unbuilt;
  const executionId = await ownerOf(admission.request.jobId);
  const dispatched = await ask(deps, executionId, (execution) =>
    execution.dispatch({ ...admission.request, executionId, requestId }),
  );
  return dispatched.ok ? json(dispatched.answer, 202) : dispatched;
};

/** `GET /jobs/{id}` takes delivery and answers at once; with `?after` it takes nothing, and may wait or answer 304. */
export const readJob: Handler = async ({ jobId, url, request }, deps) => {
  const executionId = await ownerOf(jobId);
  if (!url.searchParams.has("after")) {
    return viewResponse(await deps.executions.named(executionId).take(jobId));
  }
  const options = readOptionsOf(url, request.headers);
  if (!options.ok) return options;
  const { after, waitMs, revision } = options;
  const read = await ask(deps, executionId, (execution) =>
    execution.read({
      jobId,
      door: "job",
      ...(after !== undefined && { after }),
      ...(revision !== undefined && { revision }),
      ...(waitMs !== undefined && { waitMs }),
    }),
  );
  return viewResponse(read);
};

/** `DELETE /jobs/{id}`: an id that is an execution's own means release, any other cancel. */
export const stopJob: Handler = async ({ jobId, requestId }, deps) => {
  const executionId = await ownerOf(jobId);
  const stopped = await ask(deps, executionId, (execution) =>
    executionId === jobId
      ? execution.release({ reason: "released by its client", waitMs: STOP_WAIT_MS, id: jobId, requestId })
      : execution.cancel({ jobId, reason: "stopped by its client", waitMs: STOP_WAIT_MS, requestId }),
  );
  return stopped.ok ? json(stopped.answer) : stopped;
};

const STOP_WAIT_MS = 20_000;

/** These clients recover too, so one attempt of ours to heal comes before theirs. */
const policy: PolicyRequest = { recovery: "heal-once" };

/** The kind as text. */
function kindOf(body: unknown): string {
  const kind = isFields(body) ? body["kind"] : undefined;
  return typeof kind === "string" ? kind : (JSON.stringify(kind) ?? "undefined");
}

function isFields(value: unknown): value is JobFields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The field names sizes of other backends too, so an unknown one is dropped and named. */
function sizeOf(fields: JobFields): { readonly size: InstanceSize; readonly warnings: readonly string[] } {
  const wish = fields["instanceType"];
  if (wish === undefined) return { size: DEFAULT_SIZE, warnings: [] };
  const parsed = InstanceSize.safeParse(wish);
  if (parsed.success) return { size: parsed.data, warnings: [] };
  return {
    size: DEFAULT_SIZE,
    warnings: [`'instanceType' is no size we have; dropped for '${DEFAULT_SIZE}'.`],
  };
}
