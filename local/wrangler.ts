/** How wrangler is called, so that it keeps to this machine and to the folders it is given. */
import { mkdirSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";

export type WranglerOptions = {
  readonly root: string;
  /** The Worker's storage. */
  readonly workerDir: string;
  /** For files of this start: wrangler's temporary ones, and the secrets. */
  readonly temporaryDir: string;
  /** Where wrangler keeps what it would keep in the user's configuration folder. */
  readonly configDir: string;
  /** Secrets and variables of the Worker; written to a file only its owner can read. */
  readonly variables: Readonly<Record<string, string>>;
  /** Environment that leads wrangler to the engine. */
  readonly env: Readonly<Record<string, string>>;
};

export type Command = {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
};

/** `wrangler dev` on a port; writes the files that it reads. */
export function prepareWrangler(port: number, options: WranglerOptions): Command {
  const { root, workerDir, temporaryDir, variables } = options;
  const envFile = join(temporaryDir, "worker.env");
  const lines = Object.entries(variables).map(([name, value]) => `${name}='${value}'`);
  writeFileSync(envFile, `${lines.join("\n")}\n`, { mode: 0o600 });
  answerUpdateCheck(temporaryDir);
  return {
    // Its own path: nothing depends on what PATH holds.
    file: process.execPath,
    args: [
      join(root, "node_modules/wrangler/bin/wrangler.js"),
      "dev",
      "--ip=127.0.0.1",
      `--port=${port}`,
      "--inspector-port=0",
      `--persist-to=${workerDir}`,
      `--env-file=${envFile}`,
      "--show-interactive-dev-session=false",
      "--log-level=log",
    ],
    env: environment(options),
  };
}

/** What it printed from the error on, without advice that is not for the people who read it here. */
export function toComplaint(output: string): string {
  const from = Math.max(0, output.indexOf("✘ [ERROR]"));
  const advice = /^If you think this is a bug.*$|^🪵.*$/gmu;
  return output.slice(from).replace(advice, "").trim();
}

/**
 * The machine's environment without what would turn wrangler elsewhere (another account, another environment of the
 * configuration, a proxy), and with what keeps it here: no metrics, no error reports, no update check, no sample of
 * Cloudflare's request data.
 */
function environment({ env, temporaryDir, configDir }: WranglerOptions): NodeJS.ProcessEnv {
  const foreign = /^(?:WRANGLER_|CLOUDFLARE_|CF_|MINIFLARE_|DOCKER_)|^(?:https?|all)_proxy$/i;
  const kept = Object.entries(process.env).filter(([name]) => !foreign.test(name));
  return {
    ...Object.fromEntries(kept),
    ...env,
    // The Worker's build calls a Node by its name.
    PATH: [dirname(process.execPath), process.env["PATH"]].join(delimiter),
    TMPDIR: temporaryDir,
    XDG_CONFIG_HOME: configDir,
    WRANGLER_SEND_METRICS: "false",
    WRANGLER_SEND_ERROR_REPORTS: "false",
    WRANGLER_HIDE_BANNER: "true",
    WRANGLER_WRITE_LOGS: "false",
    CLOUDFLARE_CF_FETCH_ENABLED: "false",
    NO_COLOR: "1",
    CI: "1",
  };
}

/**
 * On an error wrangler asks npm's registry for a newer version of itself, unless its own record of an earlier answer is
 * fresh; no setting turns that off (4.156.2). So it finds a record that stays fresh and says that there is none.
 */
function answerUpdateCheck(temporaryDir: string): void {
  const dir = join(temporaryDir, "update-check");
  mkdirSync(dir, { recursive: true });
  const record = { latest: null, lastUpdate: Number.MAX_SAFE_INTEGER };
  writeFileSync(join(dir, "wrangler-latest.json"), JSON.stringify(record));
}
