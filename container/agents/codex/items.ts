/** The items of a Codex thread that say what the agent does; reasoning and warnings are none of them. */

import { textOf } from "../tool-arguments.ts";
import * as z from "zod";
import type { Progress } from "../../../shared/job-result.ts";
import { toShellUse } from "../guard/shell-command.ts";

const Word = z.string().catch("");
const Id = z.string().max(256);
const Status = z.string().catch("");

const Call = z.discriminatedUnion("type", [
  z.looseObject({ id: Id, type: z.literal("command_execution"), command: Word, status: Status }),
  z.looseObject({
    id: Id,
    type: z.literal("file_change"),
    changes: z.array(z.looseObject({ path: Word, kind: Word })).catch([]),
    status: Status,
  }),
  z.looseObject({
    id: Id,
    type: z.literal("mcp_tool_call"),
    server: Word,
    tool: Word,
    arguments: z.unknown(),
    status: Status,
  }),
  z.looseObject({ id: Id, type: z.literal("collab_tool_call"), tool: Word, prompt: Word, status: Status }),
  // a search has no status: what is completed was done
  z.looseObject({
    id: Id,
    type: z.literal("web_search"),
    query: Word,
    status: z.string().catch("completed").default("completed"),
  }),
]);
type Call = z.infer<typeof Call>;

const TodoList = z.looseObject({
  type: z.literal("todo_list"),
  items: z.array(z.looseObject({ text: Word, completed: z.boolean().catch(false) })),
});
type TodoList = z.infer<typeof TodoList>;

export const CodexItem = z.discriminatedUnion("type", [
  ...Call.options,
  TodoList,
  z.looseObject({ type: z.literal("agent_message"), text: Word }),
]);

export function toToolName(call: Call): string {
  switch (call.type) {
    case "command_execution":
      return toShellUse(call.command).tool;
    case "file_change":
      return "apply_patch";
    case "mcp_tool_call":
      return `mcp__${call.server}__${call.tool}`;
    case "collab_tool_call":
      return call.tool === "" ? "agent" : call.tool;
    case "web_search":
      return "web_search";
  }
}

/** What says the most about a call. */
export function toArgs(call: Call): string {
  switch (call.type) {
    case "command_execution":
      return toShellUse(call.command).command;
    case "file_change":
      return call.changes.map(({ kind, path }) => `${kind} ${path}`.trim()).join(", ");
    case "mcp_tool_call":
      return textOf(call.arguments);
    case "collab_tool_call":
      return call.prompt;
    case "web_search":
      return call.query;
  }
}

/** A list longer than this is no plan anybody reads. */
const maxTasks = 1_000;
const maxItems = 200;

/** Codex tells of a step only whether it is done. */
export function toProgress({ items }: TodoList): Progress | null {
  if (items.length === 0 || items.length > maxTasks) return null;
  return {
    completed: items.filter(({ completed }) => completed).length,
    inProgress: 0,
    total: items.length,
    items: items.slice(0, maxItems).map(({ text, completed }) => ({
      label: text.trim() === "" ? "Untitled task" : text.trim(),
      status: completed ? "completed" : "pending",
    })),
  };
}
