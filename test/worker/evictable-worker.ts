import { env } from "cloudflare:workers";
import { createApp } from "../../worker/app.ts";
import { edgeDeps } from "../../worker/edge.ts";
import { VERSION } from "../../worker/version.ts";
import { openapiDocument } from "../../shared/openapi.ts";
import { Execution as DeployedExecution } from "../../worker/execution/execution.ts";

export { Admission } from "../../worker/admission/admission.ts";
export { Beats } from "../../worker/beats.ts";

/**
 * The object as it is deployed; a plain request ends its incarnation. workerd itself evicts no object that has anything
 * pending, and one that watches a container always has.
 */
export class Execution extends DeployedExecution {
  override fetch(): never {
    this.ctx.abort("evicted by the fault matrix");
    throw new Error("an aborted object goes on");
  }
}

const EVICT = "/evict/";
const app = createApp(edgeDeps(env, JSON.stringify(openapiDocument(VERSION))));

/** For the fault matrix: the Worker as it is deployed, and a way to evict an object by its name. */
export default {
  fetch: async (request) => {
    const { pathname } = new URL(request.url);
    if (!pathname.startsWith(EVICT)) return app.fetch(request);
    return env.EXECUTION.getByName(pathname.slice(EVICT.length))
      .fetch("http://execution/")
      .then(
        () => new Response("the object answered", { status: 500 }),
        (error: unknown) => new Response(String(error), { status: 200 }),
      );
  },
} satisfies ExportedHandler<Env>;
