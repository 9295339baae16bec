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
  /** Why the reply itself is not the object; continues "the reply". */
  readonly complaint: string | null;
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
  const complaint = primary.ok ? null : primary.reason;
  const plain = { extracted: primary, complaint, usage: null };
  if (job.output.repair === false) return { ...plain, diagnostics: null };
  const diagnosed: Diagnostics = {
    parsedOn: primary.ok ? "primary" : "none",
    primaryChars: text.length,
    looksDoubled: looksTokenDoubled(text).doubled,
    repairAttempted: false,
    repairSucceeded: false,
  };
  if (complaint === null) return { ...plain, diagnostics: diagnosed };
  const channel = repairChannelOf(job);
  if (channel === null) {
    const repairError = `structured-output repair unavailable for the ${job.agent.kind} harness`;
    return { ...plain, diagnostics: { ...diagnosed, repairError } };
  }
  deps.onRepair();
  const asked = await askModel(channel, toRepairRequest(job, text, complaint), deps);
  const attempted: Diagnostics = { ...diagnosed, repairAttempted: true };
  if (!asked.ok) return { ...plain, diagnostics: { ...attempted, repairError: asked.error } };
  const repaired = extractJsonObject(asked.text, shape);
  return {
    extracted: repaired,
    complaint,
    usage: asked.usage,
    diagnostics: repaired.ok
      ? { ...attempted, parsedOn: "repair", repairSucceeded: true }
      : { ...attempted, repairError: "repair output still did not parse" },
  };
}
