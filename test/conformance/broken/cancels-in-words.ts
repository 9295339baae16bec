/** Says that a job is stopped, and lets its agent work on. */

import * as z from "zod";
import { isAdmitted, runWithFault, toJson, viewIn } from "./proxy.ts";

const Dispatch = z.looseObject({ jobId: z.string() });

/** By the path at which they are read. */
const known = new Set<string>();
const stopped = new Set<string>();

await runWithFault({
  ask: async (passage, readBody) => {
    const { method, path } = passage;
    if (method === "POST" && path === "/jobs" && isAdmitted(passage)) {
      const dispatch = Dispatch.safeParse(toJson(await readBody())).data;
      if (dispatch !== undefined) known.add(`/jobs/${encodeURIComponent(dispatch.jobId)}`);
    }
    if (method !== "DELETE" || !known.has(path)) return passage;
    if (!(await readBody()).includes('"cause"')) return passage;
    const state = stopped.has(path) ? "failed" : "running";
    stopped.add(path);
    return { status: 202, body: { jobId: decodeURIComponent(path.slice("/jobs/".length)), state } };
  },
  answer: (passed, passage) => {
    const view = viewIn(passed, passage);
    if (view === null || !stopped.has(passage.path)) return passed;
    const end = { state: "failed", phase: "failed", error: "Aborted: cancelled", failureCause: "agent" };
    return { ...passed, body: { ...view, ...end } };
  },
});
