/** What people are shown of a tool call's arguments. */

const telling = ["command", "path", "file_path", "pattern", "url", "query", "description"] as const;

/** The one argument that says the most; else all of them. */
export function summarizeArguments(args: unknown): string {
  if (typeof args !== "object" || args === null) return textOf(args);
  const fields: ReadonlyMap<string, unknown> = new Map(Object.entries(args));
  for (const name of telling) {
    const value = fields.get(name);
    if (typeof value === "string") return value;
  }
  return textOf(args);
}

/** Arguments nested some thousand deep overflow the stack of whoever writes them out; they say nothing to people either. */
export function textOf(args: unknown): string {
  try {
    return JSON.stringify(args ?? {});
  } catch {
    return "(arguments nested too deep to show)";
  }
}
