/** What an agent is told of the infrastructure beside it. */

import type { JobInfra } from "../../shared/job-body.ts";
import { wiremockPortOf } from "./frontend-plan.ts";

/** @param problem redacted */
export function problemNote(problem: string): string {
  return `The stand-up of the infrastructure for this job reported a problem (${problem}). Test what is possible without what is missing, and flag every gap in the dependencies as a concern.`;
}

export function serveNote(url: string, infra: JobInfra): string {
  const mocks = infra.kind === "frontend" ? ` at http://localhost:${wiremockPortOf(infra)} by its stubs` : "";
  return `The app is built and served at ${url}. Use ${url} for everything you test in it. Its other upstreams are WireMock${mocks}, not live services: where a call to a live backend fails for CORS, that is an infra gap and not an app defect.`;
}
