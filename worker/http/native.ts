/** The native API under `/v1`: strict, and no read of it takes delivery. */

import type * as z from "zod";
import { CancelRequest, ExtendRequest, NativeDispatch } from "../../shared/dispatch.ts";
import { type Refusal, refuse } from "../../shared/errors.ts";
import { Limits } from "../../shared/limits.ts";
import { DEFAULT_BOARD, DEFAULT_SIZE, admit, unbuiltWish } from "./admission.ts";
import { readJson } from "./body.ts";
import { type Handler, ask, json, unchanged } from "./call.ts";
import { checkOwner } from "./ids.ts";
import { redactorOf, withoutSecretsOf } from "./own-secrets.ts";
import { etagOf, readOptionsOf } from "./query.ts";
import { fullViewResponse, viewResponse } from "./view-response.ts";

export const dispatch: Handler = async ({ request, executionId, requestId }, deps) => {
  const body = await readJson(request, { maxBytes: Limits.dispatchBytes });
  if (!body.ok) return body;
  const parsed = NativeDispatch.safeParse(body.value);
  if (!parsed.success) return invalidRequest(parsed.error, body.value);
  const { jobId, spec, policy = {}, labels = {}, again = false } = parsed.data;
  const { instance = DEFAULT_SIZE, board = DEFAULT_BOARD, image, notify } = parsed.data;
  const misplaced = ["jobId", "kind"].find((name) => Object.hasOwn(spec, name));
  if (misplaced !== undefined) {
    return refuse("invalid-request", `'spec.${misplaced}' has no place here: the dispatch itself says it`);
  }
  const foreign = await checkOwner(executionId, jobId);
  if (foreign !== null) return foreign;
  const fields = { ...spec, kind: "agent", jobId };
  const wishes = { door: "native", policy, size: instance, board, labels, again, warnings: [] } as const;
  const admission = admit(fields, wishes, deps.allowedHosts);
  if (!admission.ok) return withoutSecretsOf(fields, admission);
  const unbuilt = unbuiltWish({ notify, image });
  if (unbuilt !== null) return unbuilt;
  const dispatched = await ask(deps, executionId, (execution) =>
    execution.dispatch({ ...admission.request, executionId, requestId }),
  );
  return dispatched.ok ? json(dispatched.answer, 202) : dispatched;
};

export const readExecution: Handler = async ({ executionId, url, request }, deps) => {
  const options = readOptionsOf(url, request.headers);
  if (!options.ok) return options;
  const { waitMs, revision } = options;
  const read = await ask(deps, executionId, (execution) =>
    execution.execution({
      ...(revision !== undefined && { revision }),
      ...(waitMs !== undefined && { waitMs }),
    }),
  );
  if (!read.ok) return read;
  const headers = { etag: etagOf(read.view.revision) };
  return read.view.revision === revision ? unchanged(headers) : json(read.view, 200, headers);
};

export const readJob: Handler = async (call, deps) => {
  const { executionId, jobId, url, request } = call;
  const options = readOptionsOf(url, request.headers);
  if (!options.ok) return options;
  const { after, waitMs, revision } = options;
  const read = await ask(deps, executionId, (execution) =>
    execution.read({
      jobId,
      door: "native",
      ...(after !== undefined && { after }),
      ...(revision !== undefined && { revision }),
      ...(waitMs !== undefined && { waitMs }),
    }),
  );
  if (url.searchParams.get("result") !== "full" || !read.ok || "unchanged" in read) return viewResponse(read);
  const whole = await ask(deps, executionId, (execution) => execution.result(jobId));
  if (!whole.ok) return whole;
  // A round that began between the two: its view is read with its result.
  return whole.round === read.view.round ? fullViewResponse(read.view, whole.result) : readJob(call, deps);
};

export const cancelJob: Handler = async ({ executionId, jobId, request, requestId }, deps) => {
  const body = await readJson(request, { maxBytes: Limits.smallBodyBytes, emptyValue: {} });
  if (!body.ok) return body;
  const parsed = CancelRequest.safeParse(body.value);
  if (!parsed.success) return invalidRequest(parsed.error, body.value);
  const { reason = "cancelled by its client" } = parsed.data;
  const stopped = await ask(deps, executionId, (execution) =>
    execution.cancel({ jobId, reason, waitMs: STOP_WAIT_MS, requestId }),
  );
  return stopped.ok ? json(stopped.answer) : stopped;
};

export const extendJob: Handler = async ({ executionId, jobId, request, requestId }, deps) => {
  const body = await readJson(request, { maxBytes: Limits.smallBodyBytes });
  if (!body.ok) return body;
  const parsed = ExtendRequest.safeParse(body.value);
  if (!parsed.success) return invalidRequest(parsed.error, body.value);
  const { deadline, until } = parsed.data;
  const extended = await ask(deps, executionId, (execution) =>
    execution.extend({ jobId, deadline, until, requestId }),
  );
  return extended.ok ? json(extended.answer) : extended;
};

export const release: Handler = async ({ executionId, requestId }, deps) => {
  const stopped = await ask(deps, executionId, (execution) =>
    execution.release({ reason: "released by its client", waitMs: STOP_WAIT_MS, id: executionId, requestId }),
  );
  return stopped.ok ? json(stopped.answer) : stopped;
};

const STOP_WAIT_MS = 20_000;
const MAX_ISSUES = 10;

function invalidRequest(error: z.ZodError, body: unknown): Refusal {
  const redact = redactorOf(body);
  const issues = error.issues
    .slice(0, MAX_ISSUES)
    .map(({ path, message }) => redact(`${path.map(String).join(".") || "the body"}: ${message}`))
    .map((issue) => issue.slice(0, 300));
  return refuse("invalid-request", issues.join("; "), { issues });
}
