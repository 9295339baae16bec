/** A script is the model: from the conversation alone it decides what the model does next. */
import type { Conversation } from "./conversation.ts";

export type Script = (conversation: Conversation) => Reply | Promise<Reply>;

export type Reply =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "tool"; readonly name: string; readonly args: Readonly<Record<string, unknown>> }
  /** Says `text`, then nothing until `released` settles: a provider that stalls in the middle of a stream. */
  | { readonly kind: "stall"; readonly text: string; readonly released: Promise<unknown> }
  /** Says `chunk` `times` over, as fast as the client reads. */
  | { readonly kind: "flood"; readonly chunk: string; readonly times: number }
  /** Ends the connection after `text`, without the end of the stream. */
  | { readonly kind: "cut"; readonly text: string }
  | { readonly kind: "http-error"; readonly status: number; readonly message: string };

/** Stands before everything the model says, so that nobody takes it for a real one. */
export const scriptedLabel = "[scripted]";

export function say(text: string): Reply {
  return { kind: "text", text: `${scriptedLabel} ${text}` };
}

export function runCommand(command: string): Reply {
  return { kind: "tool", name: "bash", args: { command } };
}

/** Always the same reply. */
export function always(reply: Reply): Script {
  return () => reply;
}

/** Runs each command through the bash tool, the next one being the first whose result is not in the conversation; then says `ending`. */
export function runInTurn(commands: readonly string[], ending: string): Script {
  return ({ toolResults }) => {
    const seen = new Set(toolResults.map(({ args }) => commandOf(args)));
    const next = commands.find((command) => !seen.has(command));
    return next === undefined ? say(ending) : runCommand(next);
  };
}

/** The command of a bash call's arguments. */
export function commandOf(args: unknown): string | undefined {
  const command: unknown =
    typeof args === "object" && args !== null && "command" in args ? args.command : undefined;
  return typeof command === "string" ? command : undefined;
}
