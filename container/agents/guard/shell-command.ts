/**
 * A shell's tool is one for everything; Codex has no other, and tells the whole command line of its shell. A command that
 * only looks around is named after what it does, as tools for that are: it is neither an edit nor idle work.
 */

export type ShellUse = { readonly tool: string; readonly command: string };

/** `/bin/bash -c 'cat a | head'` → the tool `cat` and the command as the model wrote it. */
export function toShellUse(commandLine: string): ShellUse {
  const script = /^\S*\/?(?:ba|z|da)?sh -l?c (.*)$/s.exec(commandLine)?.[1];
  const command = script === undefined ? commandLine : unquote(script);
  return { tool: lookOf(command) ?? "bash", command };
}

const looks: Readonly<Record<string, string>> = {
  cat: "cat",
  head: "head",
  tail: "tail",
  nl: "cat",
  sed: "read",
  wc: "stat",
  stat: "stat",
  ls: "ls",
  find: "find",
  tree: "tree",
  grep: "grep",
  rg: "grep",
  pwd: "ls",
  cd: "cd",
  sort: "read",
  uniq: "read",
  cut: "read",
};
const gitLooks: ReadonlySet<string> = new Set(["blame", "diff", "grep", "log", "ls-files", "show", "status"]);

/** What runs another program, writes a file or hides a command from this reading. */
const mayAct = /[<>`]|\$\(|&(?!&)|-exec|-ok|-delete|-fprint|-fls|--output|--pre\b|\bsed (?!-n )|\bsort .*-o/;

/** Nobody looks around with more; and the patterns above take their time with a text of megabytes. */
const maxLookLength = 2_000;

/** The name of the first command where each one in the line only looks; null where any may do more. */
function lookOf(command: string): string | null {
  if (command.length > maxLookLength) return null;
  const text = command.replaceAll("&&", ";");
  if (mayAct.test(text)) return null;
  const names = text.split(/[;|\n]+/).flatMap((part) => (part.trim() === "" ? [] : [nameOf(part.trim())]));
  // where it looks is no look yet
  return names.includes(null)
    ? null
    : (names.find((name) => name !== "cd") ?? (names.length > 0 ? "ls" : null));
}

function nameOf(part: string): string | null {
  const [program = "", first = ""] = part.split(/\s+/);
  if (program === "git") return gitLooks.has(first) ? "view" : null;
  return Object.hasOwn(looks, program) ? (looks[program] ?? null) : null;
}

const quotedPart = /'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)|([^'"\\]+)/gs;

/** One shell word, quoted in parts, as the text it stands for. */
function unquote(word: string): string {
  return [...word.matchAll(quotedPart)]
    .map(([, single, double, escaped, bare]) => {
      return double === undefined
        ? (single ?? escaped ?? bare ?? "")
        : double.replaceAll(/\\([$`"\\])/g, "$1");
    })
    .join("");
}
