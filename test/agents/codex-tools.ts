/** What a step is in Codex's tools: shell commands, patches and the plan, each on its own or inside a program. */
import type { Done, Step } from "./scenario.ts";

/** An item of a response that calls a tool. */
export type ToolCall =
  | { readonly type: "function_call"; readonly name: string; readonly arguments: string }
  | {
      readonly type: "custom_tool_call";
      readonly name: string;
      readonly namespace?: string;
      readonly input: string;
    };

type Use = { readonly tool: string; readonly input: object | string };

/** Longer than any step of a script takes: the command's end is its result, not a session to ask again. */
const yieldTimeMs = 30_000;

export function toToolCall(step: Step, done: readonly Done[], isCodeMode: boolean): ToolCall {
  const { tool, input } = toUse(step, done);
  if (isCodeMode) {
    const program = `const result = await tools.${tool}(${JSON.stringify(input)});\n${toldIn(step)}`;
    return { type: "custom_tool_call", namespace: "functions", name: "exec", input: program };
  }
  if (typeof input === "string") return { type: "custom_tool_call", name: tool, input };
  return { type: "function_call", name: tool, arguments: JSON.stringify(input) };
}

/** A program prints what it wants the model to read: of a command, the same as the tool alone would say. */
function toldIn({ kind }: Step): string {
  if (kind !== "run" && kind !== "read") return "text(result);";
  return "text(`Process exited with code ${result.exit_code}\\nOutput:\\n${result.output}`);";
}

function toUse(step: Step, done: readonly Done[]): Use {
  switch (step.kind) {
    case "run":
      return command(step.command);
    case "read":
      return command(`cat ${step.path}`);
    case "edit":
      return { tool: "apply_patch", input: patch(`Update File: ${step.path}`, toHunk(step, done)) };
    case "write":
      return {
        tool: "apply_patch",
        input: patch(`Add File: ${step.path}`, prefixed("+", step.content.trimEnd())),
      };
    case "delegate":
      throw new Error("Codex is given no agents of its own");
    case "plan":
      return {
        tool: "update_plan",
        input: { plan: step.items.map(({ label, status }) => ({ step: label, status })) },
      };
  }
}

function command(cmd: string): Use {
  return { tool: "exec_command", input: { cmd, yield_time_ms: yieldTimeMs } };
}

function patch(header: string, lines: readonly string[]): string {
  return ["*** Begin Patch", `*** ${header}`, ...lines, "*** End Patch", ""].join("\n");
}

/** Patches replace whole lines: a text within a line takes the line from where the file was read before. */
function toHunk(edit: Extract<Step, { kind: "edit" }>, done: readonly Done[]): readonly string[] {
  const { path, oldText, newText } = edit;
  const read = done.findLast(({ step, text }) => {
    return step.kind === "read" && step.path === path && text.includes(oldText);
  });
  const file = read?.text ?? "";
  const start = file.indexOf(oldText);
  const end = start + oldText.length;
  const before = start < 0 ? "" : file.slice(file.lastIndexOf("\n", start - 1) + 1, start);
  const after = start < 0 ? "" : (file.slice(end).split("\n", 1)[0] ?? "");
  const lines = (text: string, sign: string): readonly string[] => prefixed(sign, `${before}${text}${after}`);
  return ["@@", ...lines(oldText, "-"), ...lines(newText, "+")];
}

function prefixed(sign: string, text: string): readonly string[] {
  return text.split("\n").map((line) => `${sign}${line}`);
}
