import { env } from "cloudflare:workers";
import { createApp } from "../../worker/app.ts";
import { onCron } from "../../worker/cron.ts";
import { edgeDeps } from "../../worker/edge.ts";
import { VERSION } from "../../worker/version.ts";
import { openapiDocument } from "../../shared/openapi.ts";
import { systemLog } from "../../worker/system.ts";

export { TestAdmission } from "./admission/test-admission.ts";
export { Beats } from "../../worker/beats.ts";
export { TestBoard } from "./board/test-board.ts";
export { TestExecution } from "./execution/test-execution.ts";

const app = createApp(edgeDeps(env, JSON.stringify(openapiDocument(VERSION))));

export default {
  fetch: (request) => app.fetch(request),
  scheduled: () => onCron(env, systemLog),
} satisfies ExportedHandler<Env>;
