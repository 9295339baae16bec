import * as z from "zod";
import { checkModelUrl } from "./hosts.ts";
import {
  type Fields,
  type Intake,
  flag,
  optionalChoice,
  optionalString,
  optionalText,
  own,
  requireText,
} from "./intake.ts";
import { anyText, requiredText } from "./text.ts";

/** Which agent program works, and what it authenticates to its model with. */
export const JobAgent = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("pi"),
    /** OpenAI-compatible base, `/v1` included. */
    proxyBaseUrl: requiredText,
    sessionToken: requiredText,
  }),
  z.object({
    kind: z.enum(["claude-code", "codex"]),
    /** `ambient` is the machine's own login of the program. */
    auth: z.discriminatedUnion("kind", [
      z.object({ kind: z.literal("token"), subscriptionToken: requiredText }),
      z.object({ kind: z.literal("ambient") }),
    ]),
    subscriptionBaseUrl: requiredText.optional(),
  }),
]);
export type JobAgent = z.infer<typeof JobAgent>;

export const JobPrompts = z.object({
  /** Empty only in previews, which run no agent. */
  systemPrompt: anyText,
  userPrompt: anyText,
  model: anyText,
});
export type JobPrompts = z.infer<typeof JobPrompts>;

export function parsePrompts(intake: Intake, body: Fields, isPreview: boolean): JobPrompts {
  const read = (key: keyof JobPrompts): string =>
    isPreview ? (optionalString(intake, body, key) ?? "") : requireText(intake, body, key);
  return { systemPrompt: read("systemPrompt"), userPrompt: read("userPrompt"), model: read("model") };
}

export function parseAgent(intake: Intake, body: Fields): JobAgent {
  const kind =
    optionalChoice(intake, own(body, "harness"), "harness", ["pi", "claude-code", "codex"]) ?? "pi";
  if (kind === "pi") {
    const proxyBaseUrl = requireText(intake, body, "proxyBaseUrl");
    const sessionToken = requireText(intake, body, "sessionToken");
    checkModelUrl(intake, proxyBaseUrl, "proxyBaseUrl");
    return { kind, proxyBaseUrl, sessionToken };
  }
  const isAmbient = flag(intake, body, "ambientAuth");
  const subscriptionToken = isAmbient ? "" : requireText(intake, body, "subscriptionToken");
  const subscriptionBaseUrl = optionalText(intake, body, "subscriptionBaseUrl");
  if (subscriptionBaseUrl !== undefined) checkModelUrl(intake, subscriptionBaseUrl, "subscriptionBaseUrl");
  return {
    kind,
    auth: isAmbient ? { kind: "ambient" } : { kind: "token", subscriptionToken },
    ...(subscriptionBaseUrl !== undefined && { subscriptionBaseUrl }),
  };
}
