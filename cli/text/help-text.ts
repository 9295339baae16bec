/** What `holt help` says, made of the table of commands. */
import type { Command, Flag } from "../command.ts";
import type { Paint } from "../paint.ts";

const WIDTH = 78;
const NAME_CHARS = 12;
const FLAG_CHARS = 26;

export function overview(commands: readonly Command[], paint: Paint): string {
  const rows = commands.map(({ name, summary }) => `  ${paint("bold", name.padEnd(NAME_CHARS))}${summary}`);
  return [
    "holt: dispatch coding-agent jobs, and see what they do, what will stop them and how they ended",
    "",
    ...rows,
    `  ${paint("bold", "help".padEnd(NAME_CHARS))}help [COMMAND]: this, or one command with its options and examples`,
    "",
    "TARGET is an execution (exec_1), a job whose id names its execution (exec_1-coder),",
    "or both (my-execution/my-job).",
    "",
    "The Worker's address and token: --url and --token, else HOLT_URL and HOLT_TOKEN,",
    "else what `holt login` stored. NO_COLOR is honoured.",
    "",
    "exit codes  0 done   1 failed   2 usage   3 cancelled   4 unreachable   5 unauthorized",
  ].join("\n");
}

export function commandHelp(command: Command, paint: Paint): string {
  const flags = Object.entries(command.flags);
  return [
    `${paint("bold", `holt ${command.name}`)}: ${command.summary}`,
    "",
    `usage: ${command.usage}`,
    "",
    ...command.about.flatMap((paragraph) => [...wrap(paragraph, WIDTH), ""]),
    ...(flags.length === 0
      ? []
      : ["options:", ...flags.flatMap(([name, flag]) => flagLines(name, flag)), ""]),
    ...(command.json === undefined ? [] : [...wrap(`--json prints ${command.json}.`, WIDTH), ""]),
    "examples:",
    ...command.examples.flatMap(([line, meaning]) => [paint("dim", `  # ${meaning}`), `  ${line}`]),
  ].join("\n");
}

function flagLines(name: string, { short, value, summary }: Flag): readonly string[] {
  const head = `${short === undefined ? "    " : `-${short}, `}--${name}${value === undefined ? "" : ` ${value}`}`;
  const [first = "", ...rest] = wrap(summary, WIDTH - FLAG_CHARS);
  const indent = " ".repeat(FLAG_CHARS + 2);
  const more = rest.map((line) => `${indent}${line}`);
  if (head.length >= FLAG_CHARS) return [`  ${head}`, `${indent}${first}`, ...more];
  return [`  ${head.padEnd(FLAG_CHARS)}${first}`, ...more];
}

function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
