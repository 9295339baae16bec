import type { ExploreJob } from "../../shared/job-body.ts";
import type { RepairRequest } from "./repair-call.ts";

/** Of the reply; what is longer has gone wrong in its beginning already, or is beyond repair. */
const maxReplyChars = 40_000;

const system = `You put right the output of a program that expects one JSON object. Return only the corrected object: no prose,
no code fences, no duplicated tokens. Keep the content; change only what keeps it from being that object.`;

const defaultHint = "The output must be a single JSON object.";

/** @param reason continues "the reply". */
export function toRepairRequest(
  { model, output }: Pick<ExploreJob, "model" | "output">,
  reply: string,
  reason: string,
): RepairRequest {
  const hint = output.shapeHint?.trim() ?? "";
  const user = `${hint === "" ? defaultHint : hint}

The reply between the two lines of equals signs was meant to be that object, but it ${reason}. Return the object it was
meant to be.

==========
${reply.slice(0, maxReplyChars).toWellFormed()}
==========`;
  return { model, system, user };
}
