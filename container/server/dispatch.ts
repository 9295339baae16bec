import { parseBoundedJson } from "../../shared/bounded-json.ts";
import { ATTEMPT_FIELD, AttemptEnvelope } from "../../shared/harness-wire.ts";
import { fieldsWithoutEffect, parseJobBody } from "../../shared/job-body.ts";
import { Limits } from "../../shared/limits.ts";
import { createRedactor, secretsOfSpec } from "../../shared/redact.ts";
import type { Registry } from "../registry.ts";

/** A status and a JSON body. */
export type Reply = {
  readonly status: 200 | 202 | 400 | 401 | 404 | 409 | 413 | 415 | 500;
  readonly body: object;
};

export type DispatchOptions = {
  readonly registry: Registry;
  readonly boot: string;
  readonly instance: string | null;
  readonly allowedHosts: readonly string[];
  /** Shapes and known values out of a text that quotes the body. */
  readonly redact: (text: string) => string;
};

/** `POST /jobs`: the body's bytes to an answer; a refusal has changed nothing. */
export function dispatchJob(bytes: Uint8Array, options: DispatchOptions): Reply {
  const { registry, boot, instance, allowedHosts, redact } = options;
  const parsed = parseBoundedJson(bytes, { maxBytes: Limits.dispatchBytes, maxDepth: Limits.nestingDepth });
  if (!parsed.ok) {
    const { code, error } = parsed;
    if (code === "invalid-json") return refuse(400, redact(error));
    return { status: code === "body-too-large" ? 413 : 400, body: { error, code } };
  }
  const body = parsed.value;
  if (body === null) return refuse(400, "Invalid job: body must be an object");
  /** A body that is refused brings credentials that nobody knows yet. */
  const redactOwn = (text: string): string => redact(createRedactor(secretsOfSpec(body)).redact(text));
  const kind = fieldOf(body, "kind");
  if (kind !== "agent") return refuse(404, `unknown job kind '${redactOwn(toText(kind)).slice(0, 200)}'`);
  const job = parseJobBody(body, { allowedHosts });
  if (!job.ok) return refuse(400, redactOwn(job.error));
  const envelope = readEnvelope(body, instance);
  if (!envelope.ok) return envelope.reply;
  const answer = registry.start({
    job: job.job,
    envelope: envelope.envelope,
    secrets: secretsOfSpec(body),
  });
  const { jobId } = job.job;
  if (answer.kind === "stale-attempt") {
    const error = `attempt ${answer.current} of this job is here; an earlier one is not begun again`;
    return { status: 409, body: { error, code: "stale-attempt" } };
  }
  const warnings = [...job.warnings, ...fieldsWithoutEffect(job.job)]
    .slice(0, Limits.notesPerJob)
    .map(redact);
  return {
    status: 202,
    body: {
      jobId,
      state: answer.state,
      ...(answer.beats && { beats: true }),
      boot,
      instance,
      ...(warnings.length > 0 && { warnings }),
    },
  };
}

type ReadEnvelope =
  | { readonly ok: true; readonly envelope: AttemptEnvelope | null }
  | { readonly ok: false; readonly reply: Reply };

/** Outside an execution the field is one of those nobody knows, and ignored like them. */
function readEnvelope(body: unknown, instance: string | null): ReadEnvelope {
  const field = fieldOf(body, ATTEMPT_FIELD);
  if (instance === null || field === undefined) return { ok: true, envelope: null };
  const envelope = AttemptEnvelope.safeParse(field);
  if (!envelope.success) {
    const path = envelope.error.issues[0]?.path.join(".") ?? "";
    const reply = refuse(400, `Invalid job: '${ATTEMPT_FIELD}${path && `.${path}`}' is malformed`);
    return { ok: false, reply };
  }
  if (envelope.data.instance === instance) return { ok: true, envelope: envelope.data };
  const error = "the attempt belongs to another instance than this one";
  return { ok: false, reply: { status: 409, body: { error, code: "stale-attempt" } } };
}

/** An own field only: what every object inherits is nobody's dispatch. */
function fieldOf(body: unknown, name: string): unknown {
  if (typeof body !== "object" || body === null) return undefined;
  return Object.getOwnPropertyDescriptor(body, name)?.value;
}

/** As a template literal writes it, but for objects, whose own `toString` is the sender's. */
function toText(kind: unknown): string {
  return typeof kind === "object" && kind !== null ? "[object Object]" : String(kind);
}

function refuse(status: 400 | 404, error: string): Reply {
  return { status, body: { error } };
}
