/** The original's checks of a job body, in its order; what it drops is gone, what it does not know is not looked at. */

export type Fields = Readonly<Record<string, unknown>>;

export type Agent = "pi" | "claude-code" | "codex";

export type Job = {
  readonly jobId: string;
  readonly mode: string;
  readonly systemPrompt: string;
  readonly userPrompt: string;
  readonly model: string;
  readonly agent: Agent;
  readonly token: string;
  readonly baseUrl: string;
  readonly ghToken: string;
  readonly owner: string;
  readonly name: string;
  readonly baseBranch: string;
  readonly cloneUrl: string;
  readonly serviceDirectory: string;
  readonly branch: string;
  readonly githubApiBase: string;
  readonly isFull: boolean;
  readonly newBranch: string | undefined;
  readonly pushBranch: string;
  readonly commitMessage: string;
  readonly pr: { readonly title: string; readonly body: string } | undefined;
  readonly noChangesIsError: boolean;
  readonly streamFollowUps: boolean;
  readonly mergeBase: string | undefined;
  readonly bootstrap: Bootstrap | undefined;
  readonly isStructured: boolean;
  readonly repairs: boolean;
  readonly infraKind: unknown;
  readonly contextFiles: readonly ContextFile[];
};

export type Bootstrap = {
  readonly cloneUrl: string;
  readonly defaultBranch: string;
  readonly fromScratch: boolean;
};

export type ContextFile = { readonly name: string; readonly content: string };

const agents: readonly unknown[] = ["pi", "claude-code", "codex"] satisfies readonly Agent[];

export function parseJob(body: Fields, allowedHosts: readonly string[]): Job {
  const { mode } = body;
  if (mode !== "explore" && mode !== "coding" && mode !== "preview")
    throw invalid("'mode' must be 'explore', 'coding' or 'preview'");
  const pr = isRecord(body["pr"])
    ? { title: text(body["pr"], "title", "pr.title"), body: optional(body["pr"], "body") ?? "" }
    : undefined;
  const target = bootstrapTarget(body["bootstrap"]);
  const jobId = text(body, "jobId");
  const [systemPrompt = "", userPrompt = "", model = ""] = ["systemPrompt", "userPrompt", "model"].map(
    (name) => (mode === "preview" ? (optional(body, name) ?? "") : text(body, name)),
  );
  const credentials = readCredentials(body);
  const ghToken = text(body, "ghToken");
  const repo = isRecord(body["repo"]) ? body["repo"] : {};
  const [owner = "", name = "", baseBranch = "", cloneUrl = ""] = [
    "owner",
    "name",
    "baseBranch",
    "cloneUrl",
  ].map((key) => text(repo, key, `repo.${key}`));
  const provider = repo["provider"] ?? "github";
  if (provider !== "github" && provider !== "gitlab")
    throw invalid("'repo.provider' must be 'github' or 'gitlab'");
  const serviceDirectory = toServiceDirectory(repo["serviceDirectory"]);
  const branch = text(body, "branch");
  const githubApiBase = optional(body, "githubApiBase") ?? "https://api.github.com";
  checkHost(cloneUrl, "repo.cloneUrl", allowedHosts);
  if (githubApiBase !== "") checkHost(githubApiBase, "githubApiBase", allowedHosts);
  if (target !== undefined) checkHost(target.cloneUrl, "bootstrap.target.cloneUrl", allowedHosts);
  const newBranch = nonEmpty(body, "newBranch");
  const output = isRecord(body["output"]) ? body["output"] : {};
  return {
    jobId,
    mode,
    systemPrompt,
    userPrompt,
    model,
    ...credentials,
    ghToken,
    owner,
    name,
    baseBranch,
    cloneUrl,
    serviceDirectory,
    branch,
    githubApiBase,
    newBranch,
    pr,
    isFull: body["full"] === true,
    pushBranch: nonEmpty(body, "pushBranch") ?? newBranch ?? branch,
    commitMessage: nonEmpty(body, "commitMessage") ?? pr?.title ?? "Agent changes",
    noChangesIsError: body["noChangesIsError"] !== false,
    streamFollowUps: body["streamFollowUps"] === true,
    mergeBase: nonEmpty(body, "mergeBase"),
    bootstrap: target,
    isStructured: output["kind"] === "structured",
    repairs: output["repair"] !== false,
    infraKind: isRecord(body["infra"]) ? body["infra"]["kind"] : undefined,
    contextFiles: toContextFiles(body["contextFiles"]),
  };
}

export function isRecord(value: unknown): value is Fields {
  return typeof value === "object" && value !== null;
}

function invalid(text: string): Error {
  return new Error(`Invalid job: ${text}`);
}

function text(fields: Fields, name: string, path = name): string {
  const value = fields[name];
  if (typeof value !== "string" || value === "") throw invalid(`'${path}' must be a non-empty string`);
  return value;
}

function optional(fields: Fields, name: string): string | undefined {
  const value = fields[name];
  return typeof value === "string" ? value : undefined;
}

function nonEmpty(fields: Fields, name: string): string | undefined {
  const value = optional(fields, name);
  return value === "" ? undefined : value;
}

function bootstrapTarget(bootstrap: unknown): Bootstrap | undefined {
  if (!isRecord(bootstrap)) return undefined;
  const target = isRecord(bootstrap["target"]) ? bootstrap["target"] : {};
  const [, , cloneUrl = "", defaultBranch = ""] = ["owner", "name", "cloneUrl", "defaultBranch"].map((key) =>
    text(target, key, `bootstrap.target.${key}`),
  );
  return { cloneUrl, defaultBranch, fromScratch: bootstrap["fromScratch"] === true };
}

function readCredentials(body: Fields): Pick<Job, "agent" | "token" | "baseUrl"> {
  const agent = agents.find((name) => name === body["harness"]);
  if (agent !== "claude-code" && agent !== "codex") {
    const baseUrl = text(body, "proxyBaseUrl");
    return { agent: "pi", baseUrl, token: text(body, "sessionToken") };
  }
  const token = body["ambientAuth"] === true ? "" : text(body, "subscriptionToken");
  return { agent, token, baseUrl: optional(body, "subscriptionBaseUrl") ?? "" };
}

function toServiceDirectory(value: unknown): string {
  if (typeof value !== "string") return "";
  const segments = value.trim().replaceAll("\\", "/").split("/");
  if (segments.includes("..")) throw invalid("'repo.serviceDirectory' must be a path inside the repo");
  return segments.filter((segment) => segment !== "" && segment !== ".").join("/");
}

function checkHost(address: string, path: string, allowed: readonly string[]): void {
  const url = URL.parse(address);
  if (url === null) throw invalid(`'${path}' must be a valid URL`);
  if (url.protocol === "file:") return;
  if (url.protocol !== "https:" && url.protocol !== "http:")
    throw invalid(`'${path}' must be an https or file URL`);
  if (!allowed.includes(url.hostname))
    throw invalid(`'${path}' host '${url.hostname}' is not an allowed GitHub host`);
}

function toContextFiles(value: unknown): readonly ContextFile[] {
  const entries: readonly unknown[] = Array.isArray(value) ? value : [];
  return entries.filter(isRecord).flatMap(({ path, content }) => {
    if (typeof path !== "string" || typeof content !== "string") return [];
    const name = (path.replaceAll("\\", "/").split("/").at(-1) ?? "").replaceAll(/[^\w.-]/g, "");
    return name === "" || name.startsWith(".") ? [] : [{ name, content }];
  });
}
