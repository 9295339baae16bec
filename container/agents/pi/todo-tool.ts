/**
 * Loaded by Pi, not by the harness: a `todo` tool through which the agent keeps the list of its steps. The list is what
 * people see as progress. It imports nothing, because it runs inside Pi's process.
 */

type Task = { readonly subject: string; readonly status: string };

type Pi = {
  readonly registerTool: (tool: {
    readonly name: string;
    readonly label: string;
    readonly description: string;
    readonly promptSnippet: string;
    readonly parameters: object;
    readonly execute: (callId: string, params: { readonly tasks: readonly Task[] }) => Promise<object>;
  }) => void;
};

const parameters = {
  type: "object",
  properties: {
    tasks: {
      type: "array",
      maxItems: 100,
      items: {
        type: "object",
        properties: {
          subject: { type: "string", maxLength: 300 },
          status: { type: "string", enum: ["pending", "in_progress", "completed"] },
        },
        required: ["subject", "status"],
      },
    },
  },
  required: ["tasks"],
} as const;

// oxlint-disable-next-line import/no-default-export -- Pi loads an extension by its default export
export default function addTodoTool(pi: Pi): void {
  pi.registerTool({
    name: "todo",
    label: "Todo",
    description:
      "Keep the list of steps of your task. Every call replaces the whole list: give all steps in order, each with its status.",
    promptSnippet: "Keep the list of steps of your task, with the status of each",
    parameters,
    execute: (_callId, { tasks }) => {
      const lines = tasks.map(({ subject, status }) => `[${status}] ${subject}`);
      const text = lines.length === 0 ? "The list is empty." : lines.join("\n");
      return Promise.resolve({ content: [{ type: "text", text }], details: { tasks } });
    },
  });
}
