import { env } from "cloudflare:workers";
import { createApp } from "../../worker/app.ts";
import { edgeDeps } from "../../worker/edge.ts";

export { Beats } from "../../worker/beats.ts";
export { TestExecution } from "./execution/test-execution.ts";

const app = createApp(edgeDeps(env));

export default { fetch: (request) => app.fetch(request) } satisfies ExportedHandler<Env>;
