import { env } from "cloudflare:workers";
import description from "../docs/openapi.json";
import { createApp } from "./app.ts";
import { onCron } from "./cron.ts";
import { edgeDeps } from "./edge.ts";
import { systemLog } from "./system.ts";

export { Admission } from "./admission/admission.ts";
export { Beats } from "./beats.ts";
export { Board } from "./board/board.ts";
export { Execution } from "./execution/execution.ts";

const app = createApp(edgeDeps(env, description));

export default {
  fetch: (request) => app.fetch(request),
  scheduled: () => onCron(env, systemLog),
} satisfies ExportedHandler<Env>;
