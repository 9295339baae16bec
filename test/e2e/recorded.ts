import { commandOf, type Script } from "../../local/model/script.ts";

/** A script that keeps what the agent's commands came to, by command, as the model was told it. */
export type Recorded = { readonly script: Script; readonly results: ReadonlyMap<string, string> };

export function recorded(script: Script): Recorded {
  const results = new Map<string, string>();
  return {
    results,
    script: (conversation) => {
      for (const { args, text } of conversation.toolResults) results.set(commandOf(args) ?? "", text);
      return script(conversation);
    },
  };
}
