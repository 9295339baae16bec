import * as z from "zod";
import {
  type Fields,
  type Intake,
  drop,
  flag,
  optionalBoolean,
  optionalChoice,
  optionalString,
  own,
} from "./intake.ts";
import { anyText } from "./text.ts";

/** How the agent's last reply is consumed. */
export const JobOutput = z.object({
  kind: z.enum(["prose", "structured"]),
  shapeHint: anyText.optional(),
  /** Whether one repair call may be made for an unparseable reply; absent leaves it to the flow. */
  repair: z.boolean().optional(),
  failOnUnusableFinal: z.boolean(),
});
export type JobOutput = z.infer<typeof JobOutput>;

/** An array counts as an object here, as it does at the original. */
export function parseOutput(intake: Intake, body: Fields): JobOutput {
  const prose: JobOutput = { kind: "prose", failOnUnusableFinal: false };
  const value = own(body, "output");
  if (value === undefined) return prose;
  if (typeof value !== "object" || value === null) return drop(intake, "output", "an object") ?? prose;
  const kind = optionalChoice(intake, own(value, "kind"), "output.kind", ["structured", "prose"]) ?? "prose";
  const shapeHint = optionalString(intake, value, "shapeHint", "output.shapeHint");
  const repair = optionalBoolean(intake, value, "repair", "output.repair");
  return {
    kind,
    ...(shapeHint !== undefined && { shapeHint }),
    ...(repair !== undefined && { repair }),
    failOnUnusableFinal: flag(intake, value, "failOnUnusableFinal", "output.failOnUnusableFinal"),
  };
}
