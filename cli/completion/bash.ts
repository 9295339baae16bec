import type { Command, Flag } from "../command.ts";

export function bashScript(commands: readonly Command[]): string {
  const names = [...commands.map(({ name }) => name), "help"].join(" ");
  return `# completion of holt for bash
_holt() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} words=""
  COMPREPLY=()
  if [ "$COMP_CWORD" = 1 ]; then
    COMPREPLY=($(compgen -W "${names}" -- "$cur"))
    return
  fi
  case "\${COMP_WORDS[1]} $prev" in
${commands.flatMap(valueCases).join("\n")}
  esac
  case "\${COMP_WORDS[1]}" in
    help) words="${names}" ;;
${commands.map(commandCase).join("\n")}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
  case "$cur" in -*) ;; *) ${fileCommands(commands)} ;; esac
}
complete -F _holt holt
`;
}

/** What may follow an option that takes a value. */
function valueCases({ name, flags }: Command): readonly string[] {
  return Object.entries(flags)
    .filter(([, { type }]) => type === "string")
    .map(([flag, options]) => `    ${patternsOf(name, flag, options)}) ${valuesOf(options)} ;;`);
}

function patternsOf(command: string, name: string, { short }: Flag): string {
  return [`"${command} --${name}"`, ...(short === undefined ? [] : [`"${command} -${short}"`])].join(" | ");
}

function valuesOf({ choices, isFile }: Flag): string {
  if (isFile === true) return `COMPREPLY=($(compgen -f -- "$cur")); return`;
  if (choices === undefined) return "return";
  return `COMPREPLY=($(compgen -W "${choices.join(" ")}" -- "$cur")); return`;
}

function commandCase({ name, flags, words = [] }: Command): string {
  const all = [...Object.keys(flags).map((flag) => `--${flag}`), "--help", ...words.flat()];
  return `    ${name}) words="${all.join(" ")}" ;;`;
}

/** Commands whose argument is a file. */
function fileCommands(commands: readonly Command[]): string {
  const names = commands.filter(({ usage }) => usage.includes("FILE")).map(({ name }) => name);
  return `case "\${COMP_WORDS[1]}" in ${names.join(" | ")}) COMPREPLY+=($(compgen -f -- "$cur")) ;; esac`;
}
