/**
 * What a scripted model does, in no agent's words: a server for one wire turns moves into calls of its agent's tools,
 * and the results of those calls back into what was done.
 */

/** One use of a tool; each agent has a tool of its own for it. */
export type Step =
  | { readonly kind: "run"; readonly command: string }
  | { readonly kind: "read"; readonly path: string }
  | { readonly kind: "edit"; readonly path: string; readonly oldText: string; readonly newText: string }
  | { readonly kind: "write"; readonly path: string; readonly content: string }
  /** To an agent of the agent's own, where it can have one; elsewhere it is no tool at all. */
  | { readonly kind: "delegate"; readonly prompt: string }
  /** The agent's own list of steps, complete. */
  | { readonly kind: "plan"; readonly items: readonly PlanItem[] };

export type PlanItem = {
  readonly label: string;
  readonly status: "pending" | "in_progress" | "completed";
};

export type Move =
  /** One answer that calls tools, several at once where there are several steps, after some words where it says any. */
  | { readonly kind: "act"; readonly steps: readonly Step[]; readonly text?: string }
  | { readonly kind: "say"; readonly text: string }
  /** Says it, and is cut off at the model's output ceiling. */
  | { readonly kind: "say-truncated"; readonly text: string }
  /** An HTTP answer that is no success, with the provider's words in the wire's own shape. */
  | { readonly kind: "refuse"; readonly status: number; readonly type: string; readonly message: string };

/** A step whose result came back. */
export type Done = {
  readonly step: Step;
  /** As the agent's tool reports it; a command's exit code other than 0 is not ok. */
  readonly ok: boolean;
  /** What the model is given to read. */
  readonly text: string;
};

/** One request to the model, as a script sees it. */
export type Turn = {
  readonly model: string;
  /** Everything the model is told before the conversation. */
  readonly system: string;
  /** All user texts that are no tool results, joined. */
  readonly prompt: string;
  /** In the order of the conversation. */
  readonly done: readonly Done[];
  /** Present where the conversation ends with it. */
  readonly last: Done | undefined;
  /** Requests of this conversation so far, this one included. */
  readonly requests: number;
};

/** The model: from the turn alone it decides what comes next. */
export type Script = (turn: Turn) => Move;

export type ScriptedModelOptions = {
  readonly script: Script;
  /** What callers must bring, as bearer or key. */
  readonly token: string;
  readonly log: (line: string) => void;
};

/** A running model server of any wire. */
export type ScriptedModel = {
  /** What the job names: with `/v1` where the agent wants it so. */
  readonly baseUrl: string;
  readonly requests: () => readonly ModelRequest[];
  readonly close: () => Promise<void>;
};

export type ModelRequest = {
  readonly method: string;
  readonly path: string;
  readonly body: string;
};

/** Token counts that a server reports for answer `requests`: every class is there, and no two are alike. */
export function usageOf({ requests }: Pick<Turn, "requests">): {
  readonly freshTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  readonly outputTokens: number;
} {
  return {
    freshTokens: 100 + requests,
    cacheReadTokens: 1_000 * requests,
    cacheWriteTokens: 10 * requests,
    outputTokens: 20 + requests,
  };
}

/** Stands before everything a scripted model says. */
export const scriptedLabel = "[scripted]";

export function say(text: string): Move {
  return { kind: "say", text: `${scriptedLabel} ${text}` };
}

export function act(...steps: readonly Step[]): Move {
  return { kind: "act", steps };
}
