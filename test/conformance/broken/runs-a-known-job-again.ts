/** Carries a job out again that is dispatched a second time after its end. */

import * as z from "zod";
import { type Passage, isAdmitted, runWithFault, toJson } from "./proxy.ts";

const Dispatch = z.looseObject({ jobId: z.string() });
const Ended = z.looseObject({ id: z.string(), state: z.enum(["done", "failed"]) });

/** Ids that were seen to have ended, and those that were begun again, with the name of that. */
const ended = new Set<string>();
const again = new Map<string, string>();

await runWithFault({
  ask: async (passage, readBody): Promise<Passage> => {
    const { method, path } = passage;
    if (method !== "POST" || path !== "/jobs" || !isAdmitted(passage))
      return { ...passage, path: toInner(path) };
    const text = await readBody();
    const dispatch = Dispatch.safeParse(toJson(text)).data;
    if (dispatch === undefined) return passage;
    const { jobId } = dispatch;
    if (ended.has(jobId) && !again.has(jobId)) again.set(jobId, `${jobId} again`);
    return { ...passage, body: JSON.stringify({ ...dispatch, jobId: again.get(jobId) ?? jobId }) };
  },
  answer: (passed, { method }) => {
    const view = Ended.safeParse(passed.body).data;
    if (method !== "GET" || view === undefined) return passed;
    ended.add(view.id);
    return passed;
  },
});

function toInner(path: string): string {
  const [, id = "", query = ""] = /^\/jobs\/([^?]*)(.*)$/.exec(path) ?? [];
  const inner = [...again].find(([outer]) => encodeURIComponent(outer) === id)?.[1];
  return inner === undefined ? path : `/jobs/${encodeURIComponent(inner)}${query}`;
}
