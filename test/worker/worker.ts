export { Beats } from "../../worker/beats.ts";
export { FakeExecution as TestExecution } from "./fake-execution.ts";

export default {
  fetch: () => new Response(null, { status: 404 }),
} satisfies ExportedHandler<Env>;
