import * as z from "zod";
import { Note } from "./note.ts";

export const Blame = z.enum(["user", "agent", "harness", "provider", "platform"]);
export type Blame = z.infer<typeof Blame>;

export type OutcomeMeaning = {
  /** Whether the same dispatch may succeed another time. */
  readonly retryable: boolean;
  /** Whose doing it was, as far as one can tell. */
  readonly blame: Blame;
  /** What to do about it, for people. */
  readonly next: string;
};

/** Why a job may end, and what each end means to whoever has to act on it. The list is closed. */
export const Outcomes = {
  done: { retryable: false, blame: "user", next: "Nothing: the job is done." },
  "result-error": {
    retryable: true,
    blame: "agent",
    next: "Read result.error; dispatch again with a clearer prompt or another model.",
  },
  cancelled: { retryable: true, blame: "user", next: "Dispatch again when the work is wanted after all." },
  released: { retryable: true, blame: "user", next: "Dispatch again: a released execution starts afresh." },
  "agent-failed": {
    retryable: true,
    blame: "agent",
    next: "Read the error and the log tail; check the model's credentials, then dispatch again.",
  },
  "git-failed": {
    retryable: true,
    blame: "user",
    next: "Check that the repository, the branch and the token are right, then dispatch again.",
  },
  "api-failed": {
    retryable: true,
    blame: "provider",
    next: "The branch is pushed; open the pull request by hand or dispatch again.",
  },
  "branch-contended": {
    retryable: true,
    blame: "user",
    next: "Somebody else moved the branch; look at what they pushed, then dispatch again.",
  },
  "no-tool-progress": {
    retryable: true,
    blame: "agent",
    next: "The agent talked without acting; change the prompt.",
  },
  "inactivity-timeout": {
    retryable: true,
    blame: "provider",
    next: "The agent fell silent; check the model's endpoint, then dispatch again.",
  },
  "max-duration": {
    retryable: true,
    blame: "agent",
    next: "Split the work, or dispatch again with a larger policy.maxDurationMs.",
  },
  "step-timeout": {
    retryable: true,
    blame: "provider",
    next: "Check the git host, then dispatch again with a larger limit for that step.",
  },
  "refused-by-harness": { retryable: false, blame: "user", next: "Correct the job body as the error says." },
  capacity: { retryable: true, blame: "platform", next: "No container was to be had; dispatch again later." },
  "start-failed": {
    retryable: true,
    blame: "platform",
    next: "The container never became ready; check the image, then dispatch again.",
  },
  "evicted-crash": { retryable: true, blame: "harness", next: "Dispatch again: pushed work is resumed." },
  "evicted-transient": {
    retryable: true,
    blame: "platform",
    next: "Dispatch again: pushed work is resumed.",
  },
  "harness-shutdown": {
    retryable: false,
    blame: "harness",
    next: "The harness ended itself; look for what told it to in the log tail.",
  },
  "spec-unreadable": {
    retryable: true,
    blame: "user",
    next: "No sealing key opens the stored job; restore the key or dispatch again.",
  },
  "credentials-expired": {
    retryable: true,
    blame: "user",
    next: "The job was healed and its credentials had expired: dispatch again with fresh ones; pushed work is resumed.",
  },
  "stop-unproven": {
    retryable: false,
    blame: "platform",
    next: "The container's death could not be proved; it is still being tried, and nothing new starts until it is.",
  },
} as const satisfies Record<string, OutcomeMeaning>;

export type OutcomeCode = keyof typeof Outcomes;
export const OutcomeCode = z.enum(Object.keys(Outcomes).filter((key) => isOutcomeCode(key))).meta({
  id: "OutcomeCode",
  description: Object.entries(Outcomes)
    .map(([code, { blame, next }]) => `\`${code}\` (${blame}): ${next}`)
    .join("\n"),
});

export const Outcome = z
  .object({
    code: OutcomeCode,
    retryable: z.boolean(),
    blame: Blame,
    evidence: z.array(Note),
    next: z.string(),
  })
  .meta({
    id: "Outcome",
    description: "Why a job ended as it did, whose doing it was, and what to do next.",
  });
export type Outcome = z.infer<typeof Outcome>;

function isOutcomeCode(value: string): value is OutcomeCode {
  return Object.hasOwn(Outcomes, value);
}
