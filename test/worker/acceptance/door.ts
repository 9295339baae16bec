import { env } from "cloudflare:workers";
import { JobView } from "../../../shared/job-view.ts";
import type { GivenJob } from "../execution/model-harness.ts";
import { Rig } from "../execution/rig.ts";
import { makeEdge, makeJobBody } from "../http/edge.ts";

/** The job protocol as its clients speak it, in front of a real object whose container is the test's. */
export class Door {
  readonly rig = new Rig();
  readonly jobId = `${this.rig.executionId}-coder`;
  readonly #edge = makeEdge({ deps: { executions: { named: (id) => env.EXECUTION.getByName(id) } } });

  async send(path: string, sent: Parameters<ReturnType<typeof makeEdge>["send"]>[1] = {}): Promise<Response> {
    const response = await this.#edge.send(path, sent);
    await this.rig.quiet();
    return response;
  }

  /** `POST /jobs` of this job, and the answer's status. */
  async post(changes: Readonly<Record<string, unknown>> = {}): Promise<Response> {
    return this.send("/jobs", { method: "POST", body: makeJobBody({ jobId: this.jobId, ...changes }) });
  }

  /** A dispatched job that the harness has taken. */
  async begin(changes: Readonly<Record<string, unknown>> = {}): Promise<GivenJob> {
    await this.post(changes);
    return this.given;
  }

  get given(): GivenJob {
    return this.rig.given(this.jobId);
  }

  /** The plain GET, which takes delivery. */
  async poll(jobId = this.jobId): Promise<JobView> {
    const response = await this.send(`/jobs/${jobId}`);
    if (response.status !== 200) throw new Error(`a poll was answered ${response.status}`);
    return JobView.parse(await response.json());
  }

  /** `DELETE`, with the time it needs to end. */
  async stop(id: string): Promise<Response> {
    const stopping = this.#edge.send(`/jobs/${id}`, { method: "DELETE" });
    await this.rig.quiet();
    await this.rig.advance(20_000);
    return stopping;
  }

  get logged(): string {
    return JSON.stringify([this.rig.world.log, this.#edge.lines]);
  }
}
