import { test } from "vitest";
import { toShellUse } from "../../../container/agents/guard/shell-command.ts";

test("a command is told as the model wrote it, out of the shell's quotes", ({ expect }) => {
  const told = (commandLine: string): string => toShellUse(commandLine).command;
  expect(told("/bin/bash -c 'node --test'")).toBe("node --test");
  expect(told("/bin/bash -lc ls")).toBe("ls");
  expect(told(`/bin/bash -c "echo 'it is'"`)).toBe("echo 'it is'");
  expect(told(`/bin/bash -c 'echo "a $HOME" '"'b'"`)).toBe(`echo "a $HOME" 'b'`);
  expect(told(String.raw`/bin/bash -c "echo \\\"x\\\" "'` + "`id -u` !'")).toBe(
    `${String.raw`echo \"x\" `}\`id -u\` !`,
  );
  expect(told("/bin/bash -c \"printf 'a\nb'\necho c\"")).toBe("printf 'a\nb'\necho c");
  expect(told("python3 x.py")).toBe("python3 x.py");
});

test("a command that only looks around is named after what it does", ({ expect }) => {
  const names = {
    "cat src/a.js": "cat",
    "rg -n duration src | head -20": "grep",
    "sed -n '1,80p' README.md": "read",
    "ls -la && cat package.json": "ls",
    "git status --short; git diff": "view",
    "nl -ba x.ts | sed -n 1,20p": "cat",
    "find . -name '*.ts'": "find",
    "cd src && rg -n duration": "grep",
    "cd src": "ls",
  };
  const told = Object.keys(names).map((command) => [
    command,
    toShellUse(`/bin/bash -c ${quote(command)}`).tool,
  ]);
  expect(Object.fromEntries(told)).toEqual(names);
});

test("a command that may do more is the shell's", ({ expect }) => {
  const commands = [
    "node --test",
    "cat a > b",
    "cat <<'EOF' | patch -p1",
    "ls && rm -rf x",
    "sed -i s/a/b/ x",
    "sed -n p x; sed -i s/a/b/ x",
    "find . -name x -delete",
    "find . -exec rm {} +",
    "cat $(touch x)",
    "ls `touch x`",
    "ls & touch x",
    "sort -o x x",
    "git checkout -- x",
    "git diff --output=x",
    "rg --pre ./evil.sh x",
    "env ls",
    "FOO=1 ls",
    "toString",
    "",
  ];
  const told = commands.map((command) => toShellUse(`/bin/bash -c ${quote(command)}`).tool);
  expect(told.filter((tool) => tool !== "bash")).toEqual([]);
});

test("a command of megabytes is the shell's, and takes no time to read", { timeout: 5_000 }, ({ expect }) => {
  const command = "sort ".repeat(500_000);
  expect(toShellUse(`/bin/bash -c ${quote(command)}`)).toEqual({ tool: "bash", command });
  expect(toShellUse(`/bin/bash -c ${'"'.repeat(1_000_001)}`).tool).toBe("bash");
});

function quote(text: string): string {
  return `'${text.replaceAll("'", `'"'"'`)}'`;
}
