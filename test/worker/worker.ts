import { DurableObject, env } from "cloudflare:workers";
import { createApp } from "../../worker/app.ts";
import { edgeDeps } from "../../worker/edge.ts";

export { Beats } from "../../worker/beats.ts";

/** Stands where the object goes; the doors are tested with executions of the tests' own. */
export class TestExecution extends DurableObject<Env> {}

const app = createApp(edgeDeps(env));

export default { fetch: (request) => app.fetch(request) } satisfies ExportedHandler<Env>;
