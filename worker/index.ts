import { env } from "cloudflare:workers";
import { createApp } from "./app.ts";
import { edgeDeps } from "./edge.ts";

export { Beats } from "./beats.ts";
export { Execution } from "./execution/execution.ts";

const app = createApp(edgeDeps(env));

export default { fetch: (request) => app.fetch(request) } satisfies ExportedHandler<Env>;
