/** From a reply to the JSON object it should be, with one repair by a model where it is none. */

import type { ExploreJob } from "../../shared/job-body.ts";
import type { Usage } from "../job-context.ts";
import { type AskDeps, askModel } from "./ask-model.ts";
import type { Diagnostics } from "./diagnostics.ts";
import { type Extracted, extractJsonObject } from "./extract.ts";
import { readShape } from "./hint.ts";
import { repairChannelOf } from "./repair-call.ts";
import { toRepairRequest } from "./repair-request.ts";
import { looksTokenDoubled } from "./token-doubling.ts";

export type Resolved = {
  readonly extracted: Extracted;
  /** Null where the job wants no repair and no word about one. */
  readonly diagnostics: Diagnostics | null;
  /** Of the repair. */
  readonly usage: Usage | null;
};

export type ResolveDeps = AskDeps & {
  /** Called right before a model is asked. */
  readonly onRepair: () => void;
};

/** Never rejects. Whether the job was stopped meanwhile is for the caller to ask. */
export async function resolveStructuredOutput(
  job: Pick<ExploreJob, "output" | "agent" | "model">,
  text: string,
  deps: ResolveDeps,
): Promise<Resolved> {
  const shape = readShape(job.output.shapeHint);
  const primary = extractJsonObject(text, shape);
  if (job.output.repair === false) return { extracted: primary, diagnostics: null, usage: null };
  const begun = { primaryChars: text.length, looksDoubled: looksTokenDoubled(text).doubled };
  const untouched = { ...begun, repairAttempted: false, repairSucceeded: false };
  if (primary.ok) {
    return { extracted: primary, diagnostics: { ...untouched, parsedOn: "primary" }, usage: null };
  }
  const channel = repairChannelOf(job);
  if (channel === null) {
    const repairError = `structured-output repair unavailable for the ${job.agent.kind} harness`;
    return {
      extracted: primary,
      diagnostics: { ...untouched, parsedOn: "none", repairError },
      usage: null,
    };
  }
  deps.onRepair();
  const asked = await askModel(channel, toRepairRequest(job, text, primary.reason), deps);
  const attempted = { ...begun, repairAttempted: true };
  const failedBy = (repairError: string): Diagnostics => ({
    ...attempted,
    parsedOn: "none",
    repairSucceeded: false,
    repairError,
  });
  if (!asked.ok) return { extracted: primary, diagnostics: failedBy(asked.error), usage: null };
  const repaired = extractJsonObject(asked.text, shape);
  const diagnostics: Diagnostics = repaired.ok
    ? { ...attempted, parsedOn: "repair", repairSucceeded: true }
    : failedBy("repair output still did not parse");
  return { extracted: repaired, diagnostics, usage: asked.usage };
}
