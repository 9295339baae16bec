import type { Command, Flag } from "../command.ts";

export function zshScript(commands: readonly Command[]): string {
  return `#compdef holt
# completion of holt for zsh
_holt() {
  local context state line
  local -a commands
  commands=(
${commands.map(({ name, summary }) => `    ${quote(`${name}:${summary}`)}`).join("\n")}
    'help:this, or one command'
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command=\${words[2]}
  shift words
  (( CURRENT-- ))
  case $command in
    help) _describe command commands ;;
${commands.map(commandCase).join("\n")}
  esac
}
compdef _holt holt
`;
}

function commandCase({ name, flags, words = [], usage }: Command): string {
  const specs = Object.entries(flags).flatMap(([flag, options]) => specsOf(flag, options));
  const places = words.map((choices, index) => quote(`${index + 1}:word:(${choices.join(" ")})`));
  const rest = usage.includes("FILE") ? [quote("*:file:_files")] : [];
  const all = [...specs, quote("--help[how to use it]"), ...places, ...rest];
  return `    ${name}) _arguments ${all.join(" ")} ;;`;
}

function specsOf(
  name: string,
  { type, short, summary, value, choices, isFile, multiple }: Flag,
): readonly string[] {
  const many = multiple === true ? "*" : "";
  const text = summary.replaceAll(/[[\]:\\]/g, String.raw`\$&`);
  const values = isFile === true ? "_files" : choices === undefined ? " " : `(${choices.join(" ")})`;
  const after = type === "string" ? `:${value ?? "value"}:${values}` : "";
  const names = [`--${name}`, ...(short === undefined ? [] : [`-${short}`])];
  return names.map((flag) => quote(`${many}${flag}[${text}]${after}`));
}

function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
