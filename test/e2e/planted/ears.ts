import type { Reply, Script } from "../../../local/model/script.ts";

/** What the models of jobs were told. */
export type Ears = {
  readonly heard: (name: string) => Heard;
  readonly hear: (name: string, heard: Heard) => void;
};

export type Heard = { readonly system: string; readonly prompt: string; readonly results: string };

export function makeEars(): Ears {
  const told = new Map<string, Heard>();
  return {
    heard: (name) => told.get(name) ?? { system: "", prompt: "", results: "" },
    hear: (name, heard) => told.set(name, heard),
  };
}

/** Calls tools, one after the other; then says the ending and nothing else. */
export function inTurn(ears: Ears, name: string, calls: readonly Reply[], ending: string): Script {
  return ({ system, prompt, toolResults }) => {
    ears.hear(name, { system, prompt, results: toolResults.map(({ text }) => text).join("\n") });
    return calls[toolResults.length] ?? { kind: "text", text: ending };
  };
}
