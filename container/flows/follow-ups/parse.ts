import * as z from "zod";
import type { FollowUp } from "../../../shared/job-result.ts";

const text = z.string().optional().catch(undefined);

const Line = z.looseObject({
  kind: z.unknown().optional(),
  title: z.string().refine((title) => title.trim() !== ""),
  detail: text,
  suggestedAction: text,
});

/** A line of the file as people see it, uncut; null where it is no follow-up. */
export function toFollowUp(line: string): FollowUp | null {
  const parsed = Line.safeParse(parseJson(line));
  if (!parsed.success) return null;
  const { kind, title, detail, suggestedAction } = parsed.data;
  const action = suggestedAction?.trim() ?? "";
  return {
    kind: kind === "question" ? "question" : "follow_up",
    title: title.trim(),
    detail: detail ?? "",
    ...(action !== "" && { suggestedAction: action }),
  };
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    // the caller counts lines that are no follow-ups
    return null;
  }
}
