import { type Command, parse } from "../command.ts";
import { bashScript } from "../completion/bash.ts";
import { fishScript } from "../completion/fish.ts";
import { zshScript } from "../completion/zsh.ts";
import { ExitCode, misuse } from "../exit-code.ts";

const scripts: Readonly<Record<string, (commands: readonly Command[]) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};
const shells = Object.keys(scripts);
const usage = `holt completion (${shells.join(" | ")})`;

/** @param all the table that this command is itself part of */
export function completion(all: () => readonly Command[]): Command {
  return {
    name: "completion",
    summary: "print a completion script for a shell",
    usage,
    about: ["Commands, options, and the values that options may have. The script asks nobody anything."],
    examples: [
      ["source <(holt completion bash)", "in ~/.bashrc"],
      ["source <(holt completion zsh)", "in ~/.zshrc, after compinit"],
      ["holt completion fish > ~/.config/fish/completions/holt.fish", "once"],
    ],
    flags: {},
    words: [shells],
    run: (args, io) => {
      const { positionals } = parse(args, {}, { min: 1, max: 1, usage });
      const script = scripts[positionals[0] ?? ""];
      if (script === undefined) throw misuse(`'${positionals[0]}' is no shell that holt knows: ${usage}`);
      io.out.write(script(all()));
      return Promise.resolve(ExitCode.done);
    },
  };
}
