import * as z from "zod";
import { FrontendInfra, parseFrontendInfra } from "./frontend-infra.ts";
import { type Fields, type Intake, drop, flag, isFields, optionalText, own } from "./intake.ts";
import { requiredText } from "./text.ts";

export const ServiceInfra = z.object({
  kind: z.literal("service"),
  environment: z.enum(["local", "ephemeral"]),
  noInfraDependencies: z.boolean(),
  composePath: requiredText.optional(),
  environmentUrl: requiredText.optional(),
});
export type ServiceInfra = z.infer<typeof ServiceInfra>;

/** What stands beside the agent while it works. */
export const JobInfra = z.discriminatedUnion("kind", [ServiceInfra, FrontendInfra]);
export type JobInfra = z.infer<typeof JobInfra>;

export function parseInfra(intake: Intake, body: Fields): JobInfra | undefined {
  const value = own(body, "infra");
  if (value === undefined) return undefined;
  if (!isFields(value)) return drop(intake, "infra", "an object");
  return own(value, "kind") === "frontend" ? parseFrontendInfra(intake, value) : parseService(intake, value);
}

function parseService(intake: Intake, infra: Fields): ServiceInfra | undefined {
  const environment = own(infra, "environment");
  if (environment !== "local" && environment !== "ephemeral") {
    return drop(intake, "infra", "of kind 'frontend' or have 'environment' set to 'local' or 'ephemeral'");
  }
  const composePath = optionalText(intake, infra, "composePath", "infra.composePath");
  const environmentUrl = optionalText(intake, infra, "environmentUrl", "infra.environmentUrl");
  return {
    kind: "service",
    environment,
    noInfraDependencies: flag(intake, infra, "noInfraDependencies", "infra.noInfraDependencies"),
    ...(composePath !== undefined && { composePath }),
    ...(environmentUrl !== undefined && { environmentUrl }),
  };
}
