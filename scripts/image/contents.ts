/** What would be installed: read from the Dockerfile's own lines, nothing is fetched. */

import { commandsOf, type Dockerfile, expandArgs, restsOf } from "./dockerfile.ts";

export type Item = {
  readonly kind: "base" | "apt" | "npm" | "lockfile" | "download";
  readonly name: string;
  /** With arguments filled in; empty where the line names none. */
  readonly version: string;
  readonly from: string;
};

export function contentsOf(file: Dockerfile): readonly Item[] {
  const runs = restsOf(file, "RUN");
  return [
    ...restsOf(file, "FROM").map((rest) => baseOf(file, rest)),
    ...runs.flatMap((run) => [...aptItems(file, run), ...npmItems(file, run), ...downloads(file, run)]),
  ];
}

function baseOf({ args }: Dockerfile, rest: string): Item {
  const [name = "", digest = ""] = expandArgs(rest.split(/\s+/u)[0] ?? "", args).split("@");
  return { kind: "base", name, version: digest, from: "a registry, or this machine's images" };
}

function aptItems({ args }: Dockerfile, run: string): readonly Item[] {
  return argumentsOf(run, /^apt-get .*\binstall\b/u).map((word) => {
    const [name = "", version = ""] = expandArgs(word, args).split("=");
    const from = version === "" ? "Debian, of the day of the build" : expandArgs(repositoryOf(run), args);
    return { kind: "apt", name, version, from };
  });
}

/** The repository that a RUN adds before it installs from it. */
function repositoryOf(run: string): string {
  return /\]\s+(\S+)\s/u.exec(run)?.[1] ?? "Debian";
}

function npmItems({ args }: Dockerfile, run: string): readonly Item[] {
  const packages = argumentsOf(run, /^npm install\b/u).map((word): Item => {
    const text = expandArgs(word, args);
    const at = text.lastIndexOf("@");
    const [name, version] = at > 0 ? [text.slice(0, at), text.slice(at + 1)] : [text, ""];
    return { kind: "npm", name, version, from: "npm" };
  });
  const isCi = commandsOf(run).some(([program, verb]) => program === "npm" && verb === "ci");
  const locked: Item = {
    kind: "lockfile",
    name: "libraries of the harness",
    version: "package-lock.json",
    from: "npm",
  };
  return isCi ? [...packages, locked] : packages;
}

function downloads({ args, env }: Dockerfile, run: string): readonly Item[] {
  return commandsOf(run)
    .filter(([program]) => program === "curl" || program === "wget")
    .map((words) => {
      const all = new Map([...args, ...env]);
      const from = words.map((word) => expandArgs(word, all)).find((word) => /^https?:/u.test(word)) ?? "";
      const sum = /([0-9a-f]{64})/u.exec(expandArgs(run, all))?.[1] ?? "";
      const name = from.split("/").at(-1) ?? "";
      return { kind: "download", name, version: sum === "" ? "" : `sha256:${sum}`, from };
    });
}

/** What stands behind the options of each command of this beginning. */
function argumentsOf(run: string, beginning: RegExp): readonly string[] {
  return commandsOf(run)
    .filter((words) => beginning.test(words.join(" ")))
    .flatMap((words) => words.slice(words.indexOf("install") + 1).filter((word) => !word.startsWith("-")));
}
