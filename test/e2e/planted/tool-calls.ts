import { type Reply, runCommand } from "../../../local/model/script.ts";
import { formsOf } from "./forms.ts";
import { namesOf } from "./names.ts";

/**
 * An agent that spreads values by everything it has: commands and both streams of them, one form each; output in two
 * chunks; files that it writes, reads, names and commits; its plan; what it leaves to people.
 */
export function toolCalls(values: readonly string[], everything: string): readonly Reply[] {
  const words = values.flatMap((value) => formsOf(value).map(({ text }) => text));
  const titled = { kind: "question", title: words.slice(0, 6).join(" "), detail: everything };
  const tasks = words.map((subject) => ({ subject, status: "pending" }));
  return [
    ...printingEachForm(values),
    runCommand(printingInTwoChunks(values)),
    { kind: "tool", name: "write", args: { path: "secrets.txt", content: everything } },
    { kind: "tool", name: "read", args: { path: "secrets.txt" } },
    { kind: "tool", name: "todo", args: { tasks } },
    { kind: "tool", name: "write", args: { path: ".cat-follow-ups.jsonl", content: JSON.stringify(titled) } },
    runCommand(
      namesOf(...values)
        .map((name) => `touch '${name}'`)
        .join("; "),
    ),
    runCommand(`git add secrets.txt && git commit -qm '${everything}'; exit 3`),
  ];
}

function printingEachForm(values: readonly string[]): readonly Reply[] {
  const forms = values.map(formsOf);
  const [first = []] = forms;
  return first.map((_, index) => {
    const written = forms.map((form) => `'${form[index]?.text ?? ""}'`);
    const print = `printf '%s\\n' ${written.join(" ")}`;
    return runCommand(`${print}; ${print} >&2`);
  });
}

function printingInTwoChunks(values: readonly string[]): string {
  const program = `
    const parts = process.argv.slice(1).flatMap((of) => [of.slice(0, 9), of.slice(9) + " "]);
    parts.forEach((part, at) => setTimeout(() => process.stdout.write(part), 20 * at));`;
  return `node -e '${program}' '${values.join("' '")}'`;
}
