/** What each refusal means and what its sentence may look like, for the description of the API. */

import { type ErrorCode, Errors, isErrorCode } from "../error-codes.ts";

export type RefusalText = {
  readonly when: string;
  /** A sentence that a caller may get. */
  readonly error: string;
  readonly details?: Readonly<Record<string, unknown>>;
};

export const Refusals: Readonly<Record<ErrorCode, RefusalText>> = {
  unauthorized: { when: "No credential, or an unknown one.", error: "unauthorized" },
  "invalid-beat-key": {
    when: "A beat without its key, or with another. Only a container meets it.",
    error: "a beat carries its key as a bearer",
  },
  forbidden: {
    when: "The token lacks the scope, or a browser sent the request from another site through Access.",
    error: "this token's scopes do not include 'dispatch'",
  },
  "auth-not-configured": {
    when: "The deployment names no tokens and no Access application, or malformed ones.",
    error: "no authentication is configured: set HOLT_TOKENS, or HOLT_ACCESS_TEAM and HOLT_ACCESS_AUD",
  },
  "sealing-not-configured": {
    when: "The deployment has no HOLT_SEALING_KEY, or one that is no list of keys.",
    error: "set the secret HOLT_SEALING_KEY: job bodies carry credentials and are stored sealed",
  },
  "rate-limited": {
    when: "More than 600 requests of one caller in a minute. Wait as long as `Retry-After` says, and let reads wait with `wait`.",
    error: "too many requests: wait a minute, and let reads wait with ?wait",
  },
  "execution-full": {
    when: "The execution holds 200 jobs already. Dispatch to another one.",
    error: "this execution holds 200 jobs, which is the most one may hold",
  },
  "not-found": { when: "No such route, or HEAD on one that is neither open nor `/`.", error: "not found" },
  "job-not-found": { when: "No such job in this execution.", error: "job not found" },
  "execution-not-found": {
    when: "Nothing was ever dispatched to this name, or its retention is over.",
    error: "no job was ever dispatched to this execution",
  },
  "unknown-job-kind": { when: "`kind` is not `agent`.", error: "unknown job kind 'script'" },
  "invalid-json": { when: "The body does not parse as JSON.", error: "Unexpected end of JSON input" },
  "invalid-job": {
    when: "The job body is refused; the sentence names the field.",
    error: "Invalid job: 'userPrompt' must be a non-empty string",
  },
  "invalid-request": {
    when: "A parameter or a field of the body is wrong; the sentence names it.",
    error: "'wait' must be a whole number from 0 to 25",
  },
  "invalid-id": {
    when: "An id in the path is malformed or badly escaped.",
    error: "an execution is named by 1 to 128 of A-Z a-z 0-9 . _ -",
  },
  "invalid-beat": {
    when: "A beat that does not match its schema. Only a container meets it.",
    error: "not a beat of this version: attempt: expected number",
  },
  "too-deep": {
    when: "The body nests deeper than 32 levels.",
    error: "the body nests 33 levels deep; at most 32 are read",
  },
  "forbidden-key": {
    when: "The body has a key such as `__proto__`.",
    error: "the key '__proto__' is not accepted",
  },
  "body-too-large": {
    when: "The body is over 4 MiB for a dispatch, 64 KiB for anything else.",
    error: "the body is larger than 4194304 bytes",
  },
  "unsupported-encoding": {
    when: "The body is compressed.",
    error: "a body is sent as it is; content-encoding 'gzip' is not read",
  },
  "not-available-yet": {
    when: "The job asks for a mode, agent, image or `notify` that this version cannot carry out.",
    error: "Webhooks ('notify') are not available yet.",
  },
  "spec-differs": {
    when: "A live job has this id and another spec; `details.fields` names what differs, credentials aside.",
    error: "job exec_4f2-fix is live with another spec; these fields differ: userPrompt",
    details: { fields: ["userPrompt"] },
  },
  "already-finished": {
    when: "The job has ended. Send `again: true` for a new round.",
    error: 'job exec_4f2-fix has ended (done); send "again": true to start a new round',
  },
  "already-fired": {
    when: "The deadline has fired, or its job has ended.",
    error: "the max-duration deadline of job exec_4f2-fix does not stand any more: the job has ended (done)",
  },
  "wrong-execution": {
    when: "The job's id belongs to another execution; `details.executionId` names it.",
    error: "a job of this id belongs to the execution 'exec_9ab'",
    details: { executionId: "exec_9ab" },
  },
  "being-released": {
    when: "A dispatch of a job that is being released, and whose container is not proved dead after 25 s. Send it again.",
    error:
      "the round before is being released, and its container is not proved dead yet; dispatch again in a moment",
  },
  "stale-attempt": {
    when: "A beat of an instance or attempt that is not the current one. Only a container meets it.",
    error: "this instance does not carry out that job",
  },
  "internal-error": {
    when: "A defect; the deployment's log has the reason under the request id. Send it again.",
    error: "Holt failed to answer; the log names the reason under this request id",
  },
};

/** The table as the description carries it, in the order of the codes' status. */
export function errorRows() {
  return Object.entries(Errors)
    .map(([code, { status, retryable }]) => ({ code, status, retryable, ...whenOf(code) }))
    .toSorted((a, b) => a.status - b.status);
}

/** What a refusal of this code looks like. */
export function refusalExample(code: ErrorCode) {
  const { error, details } = Refusals[code];
  return { error, code, requestId: "req_5f0c2a91", ...(details !== undefined && { details }) };
}

/** Examples that answers refer to. */
export function exampleRows() {
  return Object.fromEntries(
    Object.entries(Errors).flatMap(([code]) =>
      isErrorCode(code) ? [[code, { summary: Refusals[code].when, value: refusalExample(code) }]] : [],
    ),
  );
}

function whenOf(code: string) {
  const row = Object.entries(Refusals).find(([name]) => name === code);
  return { when: row?.[1].when ?? "" };
}
