/** Quotes what the agent said with the job's session token in it. */

import * as z from "zod";
import { isAdmitted, runWithFault, toJson, viewIn } from "./proxy.ts";

const Dispatch = z.looseObject({ jobId: z.string(), sessionToken: z.string() });

const tokens = new Map<string, string>();

await runWithFault({
  ask: async (passage, readBody) => {
    const { method, path } = passage;
    if (method !== "POST" || path !== "/jobs" || !isAdmitted(passage)) return passage;
    const text = await readBody();
    const dispatch = Dispatch.safeParse(toJson(text)).data;
    if (dispatch !== undefined) tokens.set(dispatch.jobId, dispatch.sessionToken);
    return passage;
  },
  answer: (passed, passage) => {
    const view = viewIn(passed, passage);
    const token = view === null ? undefined : tokens.get(String(view["id"]));
    if (view === null || token === undefined) return passed;
    const error = String(view["error"]).replaceAll(/Bearer \*\*\*/g, `Bearer ${token}`);
    return view["error"] === undefined ? passed : { ...passed, body: { ...view, error } };
  },
});
