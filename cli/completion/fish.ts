import type { Command, Flag } from "../command.ts";

export function fishScript(commands: readonly Command[]): string {
  const lines = commands.flatMap((command) => [
    `complete -c holt -n __fish_use_subcommand -a ${command.name} -d ${quote(command.summary)}`,
    ...Object.entries(command.flags).map(([name, flag]) => flagLine(command.name, name, flag)),
    ...(command.words ?? []).flat().map((word) => `complete -c holt -n ${seen(command.name)} -a ${word}`),
    ...(command.usage.includes("FILE") ? [`complete -c holt -n ${seen(command.name)} -F`] : []),
  ]);
  return [
    "# completion of holt for fish",
    "complete -c holt -f",
    "complete -c holt -n __fish_use_subcommand -a help -d 'this, or one command'",
    ...lines,
    "",
  ].join("\n");
}

function flagLine(command: string, name: string, { type, short, summary, choices, isFile }: Flag): string {
  const parts = [
    `complete -c holt -n ${seen(command)} -l ${name}`,
    ...(short === undefined ? [] : [`-s ${short}`]),
    ...(type === "string" ? ["-r"] : []),
    ...(choices === undefined ? [] : [`-a ${quote(choices.join(" "))}`]),
    ...(isFile === true ? ["-F"] : []),
    `-d ${quote(summary)}`,
  ];
  return parts.join(" ");
}

function seen(command: string): string {
  return quote(`__fish_seen_subcommand_from ${command}`);
}

function quote(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", String.raw`\'`)}'`;
}
