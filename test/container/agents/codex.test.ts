import { lstat, mkdir, readFile, readlink, readdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "vitest";
import { codex } from "../../../container/agents/codex/codex.ts";
import type { CodingJob } from "../../../shared/job-body.ts";
import { makeFolder } from "../job-folder.ts";
import { makeJob } from "../make-job.ts";

type Given = Partial<CodingJob> & { readonly token?: string; readonly baseUrl?: string };

async function prepare({ token = "sk-test-key", baseUrl, ...given }: Given = {}) {
  const home = await makeFolder();
  const agent = {
    kind: "codex",
    auth: { kind: "token", subscriptionToken: token },
    ...(baseUrl !== undefined && { subscriptionBaseUrl: baseUrl }),
  } as const;
  const job = makeJob({ agent, model: "gpt-5.5", ...given });
  const command = await codex.prepare({ job, instructions: "You fix things.\n", home, environment: {} });
  const folder = join(home, ".codex");
  const read = (name: string): Promise<string> => readFile(join(folder, name), "utf8");
  return { command, home, folder, login: await read("auth.json"), settings: await read("config.toml") };
}

async function modeOf(path: string): Promise<string> {
  return ((await stat(path)).mode & 0o777).toString(8);
}

test("Codex is started with the role text, a line and the task on standard input", async ({ expect }) => {
  const { command, folder } = await prepare({ userPrompt: "Fix the failing test." });
  expect(command).toEqual({
    file: "codex",
    args: [
      "exec",
      "--json",
      "--skip-git-repo-check",
      "--dangerously-bypass-approvals-and-sandbox",
      "--model",
      "gpt-5.5",
      "-",
    ],
    env: { CODEX_HOME: folder },
    input: "You fix things.\n\n---\n\nFix the failing test.",
  });
});

test("Codex has a home of the job's own, and its login there is the owner's alone to read", async ({
  expect,
}) => {
  const text = `{"tokens":{"access_token":"a","refresh_token":"r"},"last_refresh":"2026-11-22T00:00:00Z"}`;
  const { folder, home, login, command } = await prepare({ token: text });
  expect(login).toBe(text);
  expect(await readdir(home)).toEqual([".codex"]);
  expect((await readdir(folder)).toSorted()).toEqual(["auth.json", "config.toml"]);
  expect([await modeOf(folder), await modeOf(join(folder, "auth.json"))]).toEqual(["700", "600"]);
  expect(JSON.stringify(command)).not.toContain("access_token");
});

test("an API key alone becomes a login of Codex's", async ({ expect }) => {
  const { login, settings } = await prepare({ token: " sk-test-key\n" });
  expect(JSON.parse(login)).toEqual({ auth_mode: "apikey", OPENAI_API_KEY: "sk-test-key" });
  expect(settings).not.toContain("sk-test-key");
});

test("a base URL of the job's is where Codex sends its login, and nothing else is", async ({ expect }) => {
  const { settings } = await prepare({ baseUrl: "https://models.example/v1/" });
  expect(settings).toMatch(/^model_provider = "holt"$/m);
  expect(settings).toMatch(
    /\[model_providers\.holt\]\nname = "Holt"\nbase_url = "https:\/\/models\.example\/v1"\nwire_api = "responses"\nrequires_openai_auth = true\n$/,
  );
  const quoted = await prepare({ baseUrl: 'https://x.example/v1"\nnotify = ["sh"]\u007f' });
  expect(quoted.settings).toContain(String.raw`base_url = "https://x.example/v1\"\nnotify = [\"sh\"]\u007f"`);
  expect((await prepare()).settings).not.toContain("model_provider");
});

test("Codex is told to load nothing of the repository and to tell nobody of its use", async ({ expect }) => {
  const { settings } = await prepare();
  expect(toTables(settings)).toEqual({
    "": {
      web_search: `"live"`,
      cli_auth_credentials_store: `"file"`,
      mcp_oauth_credentials_store: `"file"`,
      check_for_update_on_startup: "false",
      project_doc_max_bytes: "0",
      allow_login_shell: "false",
    },
    analytics: { enabled: "false" },
    feedback: { enabled: "false" },
    history: { persistence: `"none"` },
    otel: { exporter: `"none"`, trace_exporter: `"none"`, metrics_exporter: `"none"` },
    skills: { include_instructions: "false" },
    "skills.bundled": { enabled: "false" },
    "tools.update_plan": { enabled: "true" },
    agents: { enabled: "false" },
    features: {
      plugins: "false",
      remote_plugin: "false",
      apps: "false",
      hooks: "false",
      goals: "false",
      shell_snapshot: "false",
      unbounded_connection_retries: "false",
    },
  });
});

test("Codex searches the web at its own vendor, and at another where the job asks for it", async ({
  expect,
}) => {
  const mode = async (given: Given) => /^web_search = "(.*)"$/m.exec((await prepare(given)).settings)?.[1];
  const baseUrl = "https://models.example/v1";
  expect(await mode({ webSearch: false })).toBe("live");
  expect(await mode({ webSearch: false, baseUrl })).toBe("disabled");
  expect(await mode({ webSearch: true, baseUrl })).toBe("live");
});

const ambient = makeJob({ agent: { kind: "codex", auth: { kind: "ambient" } } });

test("the machine's own login is used in place, with none of the machine's settings", async ({ expect }) => {
  const machine = await makeFolder();
  await mkdir(join(machine, ".codex"));
  await writeFile(join(machine, ".codex", "auth.json"), "{}");
  await writeFile(join(machine, ".codex", "config.toml"), `notify = ["sh"]`);
  const home = await makeFolder();
  const command = await codex.prepare({
    job: ambient,
    instructions: "",
    home,
    environment: { HOME: machine, OPENAI_API_KEY: "sk-of-somebody" },
  });
  expect(command.env).toEqual({ CODEX_HOME: join(home, ".codex") });
  const link = join(home, ".codex", "auth.json");
  expect((await lstat(link)).isSymbolicLink()).toBe(true);
  expect(await readlink(link)).toBe(join(machine, ".codex", "auth.json"));
  expect(await readFile(join(home, ".codex", "config.toml"), "utf8")).not.toContain("notify");
  expect((await readdir(join(machine, ".codex"))).toSorted()).toEqual(["auth.json", "config.toml"]);
});

test("a machine's login may be a folder or a variable of the machine's choice", async ({ expect }) => {
  const elsewhere = await makeFolder();
  await writeFile(join(elsewhere, "auth.json"), "{}");
  const own = async (environment: Readonly<Record<string, string>>) => {
    const home = await makeFolder();
    const { env } = await codex.prepare({ job: ambient, instructions: "", home, environment });
    const files = (await readdir(join(home, ".codex"))).toSorted();
    return { login: env["CODEX_API_KEY"], files };
  };
  expect(await own({ CODEX_HOME: elsewhere })).toEqual({
    login: undefined,
    files: ["auth.json", "config.toml"],
  });
  expect(await own({ HOME: "/nonexistent", CODEX_API_KEY: "sk-machine" })).toEqual({
    login: "sk-machine",
    files: ["config.toml"],
  });
});

test("a machine without a login is told as such", async ({ expect }) => {
  const machine = await makeFolder();
  const home = await makeFolder();
  const preparing = codex.prepare({ job: ambient, instructions: "", home, environment: { HOME: machine } });
  await expect(preparing).rejects.toThrow(
    `ambientAuth: Codex is not logged in on this machine (no ${machine}/.codex/auth.json)`,
  );
});

/** Tables of plain `key = value` lines, which is all that the settings are. */
function toTables(toml: string): Record<string, Record<string, string>> {
  const tables: Record<string, Record<string, string>> = {};
  let table = "";
  for (const line of toml.split("\n").filter((part) => part !== "")) {
    const header = /^\[(.+)\]$/.exec(line)?.[1];
    if (header !== undefined) table = header;
    const [, key, value] = /^(\w+) = (.+)$/.exec(line) ?? [];
    if (key !== undefined && value !== undefined) tables[table] = { ...tables[table], [key]: value };
  }
  return tables;
}
