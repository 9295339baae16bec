import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa, type Options } from "execa";

const root = new URL("../../../", import.meta.url).pathname;

/** The command as `npm pack` makes it, in a folder that has nothing else. */
export type Packed = {
  /** `holt.js` of the unpacked package. */
  readonly entry: string;
  /** A home without a configuration, removed at the end. */
  readonly home: string;
  readonly files: readonly string[];
  readonly close: () => Promise<void>;
};

export async function packHolt(): Promise<Packed> {
  const dir = await mkdtemp(join(tmpdir(), "holt-cli-"));
  await execa(process.execPath, ["scripts/build-cli.ts", join(dir, "dist")], { cwd: root });
  const { stdout } = await execa("npm", ["pack", join(dir, "dist"), "--pack-destination", dir, "--silent"], {
    cwd: dir,
  });
  const archive = join(dir, stdout.trim().split("\n").at(-1) ?? "");
  await execa("tar", ["-xzf", archive, "-C", dir]);
  const listed = await execa("tar", ["-tzf", archive]);
  return {
    entry: join(dir, "package", "holt.js"),
    home: join(dir, "home"),
    files: listed.stdout.split("\n").toSorted(),
    close: () => rm(dir, { recursive: true, force: true }),
  };
}

export type Run = { readonly exitCode: number | undefined; readonly stdout: string; readonly stderr: string };
export type RunOptions = {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  readonly node?: string;
};

/** Runs with an environment of its own: nothing of the machine's configuration is seen. */
export async function run(packed: Packed, args: readonly string[], options: RunOptions = {}): Promise<Run> {
  const { exitCode, stdout, stderr } = await start(packed, args, options);
  return { exitCode, stdout, stderr };
}

export function start({ entry, home }: Packed, args: readonly string[], options: RunOptions = {}) {
  return execa(options.node ?? process.execPath, [entry, ...args], {
    ...base(home, options),
    ...(options.input === undefined ? { stdin: "ignore" } : { input: options.input }),
  });
}

/** Under a pseudo-terminal of 100 columns, as `script` of util-linux makes one. */
export function startInTerminal({ entry, home }: Packed, args: readonly string[], options: RunOptions = {}) {
  const command = ["stty cols 100 rows 40;", "exec", process.execPath, entry, ...args].join(" ");
  return execa("script", ["-qec", command, "/dev/null"], {
    ...base(home, { ...options, env: { TERM: "xterm-256color", ...options.env } }),
    stdin: "pipe",
  });
}

function base(home: string, { env = {} }: RunOptions) {
  return {
    cwd: tmpdir(),
    env: { PATH: process.env["PATH"] ?? "", HOME: home, TZ: "UTC", ...env },
    extendEnv: false,
    reject: false,
    stripFinalNewline: false,
    maxBuffer: 200_000_000,
  } as const satisfies Options;
}

/** Resolves when what a program has printed so far is so; rejects with it when the program ends before. */
export function printed(
  program: { readonly stdout: NodeJS.ReadableStream | null; readonly stderr: NodeJS.ReadableStream | null },
  isSo: (text: string) => boolean,
): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    for (const stream of [program.stdout, program.stderr]) {
      stream?.on("data", (chunk: Buffer) => {
        text += chunk.toString();
        if (isSo(text)) resolve(text);
      });
    }
    program.stdout?.on("close", () => reject(new Error(`ended before: ${text}`)));
  });
}
