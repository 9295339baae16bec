import * as z from "zod";
import type { Progress } from "../../shared/job-result.ts";

const Task = z.looseObject({ status: z.string().optional().catch(undefined) });

/** What the todo tools known for Pi tell of their list: tasks with a status, or plain check marks. */
const TodoDetails = z.union([
  z.looseObject({ tasks: z.array(Task) }),
  z.looseObject({ todos: z.array(z.looseObject({ done: z.boolean().optional().catch(undefined) })) }),
]);
type TodoDetails = z.infer<typeof TodoDetails>;

/** A list longer than this is no plan anybody reads; walking millions of entries would hold the harness up. */
const maxTasks = 1_000;
const maxItems = 200;
const labelFields = ["subject", "title", "content", "text", "name", "task"] as const;

/** The progress that the details of a todo tool tell; null where they tell none. */
export function progressIn(details: unknown): Progress | null {
  if (typeof details !== "object" || details === null || lengthOf(details) > maxTasks) return null;
  const parsed = TodoDetails.safeParse(details);
  return parsed.success ? toProgress(parsed.data) : null;
}

function lengthOf(details: object): number {
  const lists = Object.values(details).filter((value) => Array.isArray(value));
  return Math.max(0, ...lists.map(({ length }) => length));
}

function toProgress(details: TodoDetails): Progress {
  if (!isTaskList(details)) {
    const { todos } = details;
    return {
      completed: todos.filter(({ done }) => done === true).length,
      inProgress: 0,
      total: todos.length,
    };
  }
  const items = details.tasks
    .filter(({ status }) => status !== "deleted")
    .map((task) => ({ label: labelOf(task), status: statusOf(task) }));
  const count = (wanted: string): number => items.filter(({ status }) => status === wanted).length;
  return {
    completed: count("completed"),
    inProgress: count("in_progress"),
    total: items.length,
    items: items.slice(0, maxItems),
  };
}

function isTaskList(details: TodoDetails): details is Extract<TodoDetails, { tasks: unknown }> {
  return Array.isArray(details["tasks"]);
}

function statusOf({ status }: z.infer<typeof Task>): string {
  return status === "completed" || status === "in_progress" ? status : "pending";
}

function labelOf(task: z.infer<typeof Task>): string {
  const labels = labelFields.map((field) => task[field]).filter((label) => typeof label === "string");
  return labels.find((label) => label.trim() !== "")?.trim() ?? "Untitled task";
}
