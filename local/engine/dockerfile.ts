import { posix } from "node:path";

/** What an image says about the process it runs. Paths are those of the image. */
export type ImagePlan = {
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly workdir: string;
  /** The port the program listens on inside: the first EXPOSE, else 8080. */
  readonly port: number;
};

/**
 * Reads the last stage of a Dockerfile, as far as a process needs it: ENV, WORKDIR, EXPOSE, ENTRYPOINT, CMD.
 * A stage built FROM an earlier one starts with what that one declared. Files, packages and users are the
 * machine's own, so the other instructions say nothing here.
 */
export function readDockerfile(text: string): ImagePlan {
  const stages = new Map<string, Stage>();
  let stage = emptyStage();
  for (const { keyword, rest } of instructions(text)) {
    switch (keyword) {
      case "FROM": {
        const { base, name } = readFrom(rest);
        stage = { ...(stages.get(base.toLowerCase()) ?? emptyStage()) };
        if (name !== undefined) stages.set(name.toLowerCase(), stage);
        break;
      }
      case "ENV":
        stage.env = { ...stage.env, ...readEnv(rest, stage.env) };
        break;
      case "WORKDIR":
        stage.workdir = posix.resolve(stage.workdir, expand(unquote(rest), stage.env));
        break;
      case "EXPOSE":
        stage.port ??= readPort(expand(rest, stage.env));
        break;
      case "ENTRYPOINT":
        stage.entrypoint = readCommand(rest);
        stage.cmd = [];
        break;
      case "CMD":
        stage.cmd = readCommand(rest);
        break;
    }
  }
  const { env, workdir, port, entrypoint, cmd } = stage;
  return { entrypoint, cmd, env, workdir, port: port ?? 8080 };
}

type Stage = {
  env: Readonly<Record<string, string>>;
  workdir: string;
  port: number | undefined;
  entrypoint: readonly string[];
  cmd: readonly string[];
};

function emptyStage(): Stage {
  return { env: {}, workdir: "/", port: undefined, entrypoint: [], cmd: [] };
}

type Instruction = { readonly keyword: string; readonly rest: string };

/** Joins continued lines; comments may stand between them. Here-documents belong to RUN and COPY and are skipped. */
function instructions(text: string): readonly Instruction[] {
  const found: Instruction[] = [];
  let pending = "";
  let heredocEnd: string | undefined;
  for (const line of text.split(/\r?\n/u)) {
    if (heredocEnd !== undefined) {
      if (line.trim() === heredocEnd) heredocEnd = undefined;
      continue;
    }
    if (/^\s*#/u.test(line)) continue;
    if (/\\\s*$/u.test(line)) {
      pending += `${line.replace(/\\\s*$/u, "")} `;
      continue;
    }
    const match = /^\s*([a-z]+)\s+(.*\S)\s*$/iu.exec(pending + line);
    pending = "";
    if (!match) continue;
    const [, keyword = "", rest = ""] = match;
    heredocEnd = /^(?:run|copy|add)$/iu.test(keyword) ? /<<-?["']?(\w+)["']?/u.exec(rest)?.[1] : undefined;
    found.push({ keyword: keyword.toUpperCase(), rest });
  }
  return found;
}

function readFrom(rest: string): { readonly base: string; readonly name: string | undefined } {
  const words = rest.split(/\s+/u).filter((word) => !word.startsWith("--"));
  const [base = "", as, name] = words;
  return { base, name: as?.toUpperCase() === "AS" ? name : undefined };
}

function readEnv(rest: string, known: Readonly<Record<string, string>>): Record<string, string> {
  const legacy = /^([A-Za-z_]\w*)\s+([^=].*)$/u.exec(rest);
  if (legacy && !/^[A-Za-z_]\w*=/u.test(rest)) {
    return { [legacy[1] ?? ""]: expand(unquote(legacy[2] ?? ""), known) };
  }
  const pairs = rest.matchAll(/([A-Za-z_]\w*)=("(?:[^"\\]|\\.)*"|'[^']*'|(?:[^\s\\]|\\.)*)/gu);
  return Object.fromEntries(
    [...pairs].map(([, name = "", value = ""]) => [name, expand(unquote(value), known)]),
  );
}

function readPort(rest: string): number | undefined {
  const port = Number.parseInt(rest, 10);
  return Number.isInteger(port) && port > 0 && port < 65_536 ? port : undefined;
}

/** The exec form is JSON; everything else is the shell form. */
function readCommand(rest: string): readonly string[] {
  if (rest.startsWith("[")) {
    try {
      const parsed: unknown = JSON.parse(rest);
      if (Array.isArray(parsed)) return parsed.map(String);
    } catch {
      // Docker too takes a malformed exec form for the shell form.
    }
  }
  return ["/bin/sh", "-c", rest];
}

function unquote(value: string): string {
  const quoted = /^(["'])(.*)\1$/su.exec(value.trim());
  return (quoted?.[2] ?? value.trim()).replaceAll(/\\(.)/gu, "$1");
}

function expand(value: string, env: Readonly<Record<string, string>>): string {
  return value.replaceAll(
    /\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))/gu,
    (_all, braced?: string, plain?: string) => {
      return env[braced ?? plain ?? ""] ?? "";
    },
  );
}
