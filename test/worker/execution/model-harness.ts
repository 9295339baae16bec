import { ATTEMPT_FIELD, AttemptEnvelope, SECRET_HEADER } from "../../../shared/harness-wire.ts";
import type { Activity } from "./activity.ts";

/** A job as the harness was given it, and what it would say of it. */
export type GivenJob = {
  readonly jobId: string;
  readonly envelope: AttemptEnvelope;
  readonly body: Readonly<Record<string, unknown>>;
  /** The control key that came with it. */
  readonly secret: string | null;
};

export function givenJob(body: unknown, secret: string | null): GivenJob {
  if (typeof body !== "object" || body === null) throw new Error("a job is an object");
  const { [ATTEMPT_FIELD]: field, ...spec } = Object.fromEntries(Object.entries(body));
  return { jobId: String(spec["jobId"]), envelope: AttemptEnvelope.parse(field), body: spec, secret };
}

export type Asked = { readonly method: string; readonly path: string; readonly body: unknown };

/** How the harness behaves; a test changes it at any time. */
export type HarnessScript = {
  /** Whether its port listens. */
  listening: boolean;
  /** Answers of its own in place of the model's; null leaves it to the model. */
  answer: ((asked: Asked) => Response | Promise<Response> | null) | null;
};

/** A harness in memory: the wire of the real one, with the work left to the test. */
export class ModelHarness {
  readonly instance: string;
  readonly boot: string;
  readonly asked: Asked[] = [];
  readonly jobs = new Map<string, GivenJob>();
  readonly #script: HarnessScript;
  readonly #activity: Activity;
  /** The key of the first dispatch; from then on nothing but health is answered without it. */
  #secret: string | null = null;

  constructor(
    instance: string,
    boot: string,
    { script, activity }: { readonly script: HarnessScript; readonly activity: Activity },
  ) {
    this.instance = instance;
    this.boot = boot;
    this.#script = script;
    this.#activity = activity;
  }

  async fetch(request: Request): Promise<Response> {
    if (!this.#script.listening) throw new Error("Container is not listening to port 8080");
    const { pathname } = new URL(request.url);
    const text = await this.#activity.during(request.text());
    const body: unknown = text === "" ? null : JSON.parse(text);
    const asked = { method: request.method, path: decodeURIComponent(pathname), body };
    this.asked.push(asked);
    const own = this.#script.answer?.(asked) ?? null;
    if (own !== null) return own;
    if (asked.path === "/health") {
      return Response.json({ status: "ok", boot: this.boot, instance: this.instance });
    }
    const secret = request.headers.get(SECRET_HEADER);
    if (asked.method === "POST") this.#secret ??= secret;
    if (secret === null || secret !== this.#secret) {
      return Response.json({ error: "unauthorized" }, { status: 401 });
    }
    return this.#answer(asked, secret);
  }

  #answer({ method, path, body }: Asked, secret: string): Response {
    if (method === "POST" && path === "/jobs") return this.#take(body, secret);
    const job = this.jobs.get(path.slice("/jobs/".length));
    if (job === undefined) return Response.json({ error: "job not found" }, { status: 404 });
    if (method === "DELETE") return Response.json({ id: job.jobId, state: "running" }, { status: 202 });
    return Response.json(this.viewOf(job));
  }

  viewOf(job: GivenJob): Readonly<Record<string, unknown>> {
    const { instance, boot } = this;
    const { attempt } = job.envelope;
    return {
      id: job.jobId,
      state: "running",
      startedAt: 1,
      heartbeatAt: 1,
      phase: "agent",
      instance,
      boot,
      attempt,
    };
  }

  #take(body: unknown, secret: string): Response {
    const job = givenJob(body, secret);
    const { jobId } = job;
    if (job.body["refuse"] === true) return Response.json({ error: "not a job" }, { status: 422 });
    this.jobs.set(jobId, job);
    const { instance, boot } = this;
    return Response.json({ jobId, state: "running", beats: true, boot, instance }, { status: 202 });
  }
}
