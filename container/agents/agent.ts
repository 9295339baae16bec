/** What every coding agent looks like to a flow; one file per agent knows the rest. */

import type { AgentJob } from "../../shared/job-body.ts";
import type { Progress } from "../../shared/job-result.ts";
import type { Usage } from "../job-context.ts";
import type { Environment } from "../process/environment.ts";
import type { WebSearch } from "./web-search.ts";

/** What an agent's output says, free of the agent's own format. Texts are unredacted and uncut. */
export type AgentEvent =
  | { readonly kind: "tool-start"; readonly tool: string; readonly callId: string; readonly args: string }
  | { readonly kind: "tool-end"; readonly tool: string; readonly callId: string; readonly ok: boolean }
  | { readonly kind: "progress"; readonly progress: Progress }
  /** One complete answer of the model; it ends what a `model-error` before it began. */
  | {
      readonly kind: "answer";
      readonly text: string;
      readonly toolCalls: number;
      /** It was cut off at the model's output ceiling. */
      readonly isTruncated: boolean;
    }
  | { readonly kind: "usage"; readonly usage: Usage }
  /** The model could not be used; terminal unless an answer follows. */
  | { readonly kind: "model-error"; readonly text: string }
  /** The agent has nothing left to do. */
  | { readonly kind: "settled" };

export type AgentCommand = {
  readonly file: string;
  readonly args: readonly string[];
  /** On top of what every child gets. */
  readonly env: Readonly<Record<string, string>>;
  readonly input: string;
};

export type AgentSetup = {
  readonly job: Pick<AgentJob, "agent" | "model" | "userPrompt" | "webSearch">;
  /** Role text and guidance, complete. */
  readonly instructions: string;
  /** A home of this job's own; exists, empty. */
  readonly home: string;
  /** Absent or null: no web search beyond what the program brings itself. */
  readonly webSearch?: WebSearch | null;
  /** The harness's own environment, of which a child gets an allow-listed part and no more. */
  readonly environment: Environment;
};

/** Reads the lines of one run, in their order. */
export type AgentParser = {
  /** The events that are known with this line, null where it is no line of the agent's format. */
  readonly read: (line: string) => readonly AgentEvent[] | null;
  /** Whether a line that begins so is read at all; absent: every line is. Some records repeat all that was said so far. */
  readonly isRead?: (head: string) => boolean;
  /** What the lines so far say and no further line will confirm: the run is over, however it ended. */
  readonly end: () => readonly AgentEvent[];
};

export type Agent = {
  /** The program's name in texts. */
  readonly name: string;
  /** Writes what the program reads at start and says how to start it. */
  readonly prepare: (setup: AgentSetup) => Promise<AgentCommand>;
  readonly createParser: () => AgentParser;
};
