/** What the rows work with: the harness under test, and everything that its jobs reach. */

import { randomBytes } from "node:crypto";
import { type GitHub, startGitHub } from "../../../local/github/github.ts";
import { NotOffered, demand } from "../demand.ts";
import { type AgentFolder, openAgentFolder } from "./agent-folder.ts";
import { type Client, createClient } from "./client.ts";
import { type Ended, type Fields, type Job, makeJob } from "./job.ts";
import { type ModelServer, startModel } from "./model.ts";
import { type ObjectStandIn, startObject } from "./object.ts";
import { type Repositories, openRepositories, owner, repository } from "./repositories.ts";

export type KitOptions = {
  readonly url: string;
  readonly agentDir: string;
  readonly secret: string | undefined;
  /** Where the harness under test finds the object of an execution. */
  readonly objectPort: number;
};

export type Agent = "pi" | "claude-code" | "codex";

export type Plan = {
  readonly mode: "explore" | "coding" | "preview";
  /** Shell that the job's agent becomes. */
  readonly behaviour: string;
  /** Default: Pi. */
  readonly agent?: Agent;
  /** In place of the usual body's fields. */
  readonly fields?: Fields;
  /** Laid over the usual `repo`. */
  readonly repo?: Fields;
};

export type Kit = {
  readonly client: Client;
  readonly secret: string | undefined;
  /** Of the execution that the harness says it belongs to; null where it names none. */
  readonly instance: string | null;
  readonly repositories: Repositories;
  /** Opens requests, and refuses every one of them. */
  readonly hosting: { readonly good: GitHub; readonly refusing: GitHub };
  readonly model: ModelServer;
  readonly object: ObjectStandIn;
  readonly tokens: { readonly git: string; readonly session: string };
  /** A name that nothing of this or another run has. */
  readonly fresh: (stem: string) => string;
  /** A job that is ready to be posted. */
  readonly plan: (plan: Plan) => Promise<Job>;
  /** The same, posted and accepted. */
  readonly start: (plan: Plan) => Promise<Job>;
  /** The same, read until it has ended. */
  readonly run: (plan: Plan) => Promise<Ended & { readonly job: Job }>;
  /** Another git server, for a row that makes it slow. */
  readonly openRepositories: () => Promise<Repositories>;
  readonly close: () => Promise<void>;
};

export async function openKit(options: KitOptions, health: unknown): Promise<Kit> {
  const { url, agentDir, secret, objectPort } = options;
  const mark = randomBytes(4).toString("hex");
  const tokens = { git: `kit-git-${secretText()}`, session: `kit-session-${secretText()}` };
  const client = createClient(new URL(url), secret);
  const closers: Array<() => Promise<void>> = [];
  const opened = async <T extends { readonly close: () => Promise<void> }>(
    making: Promise<T>,
  ): Promise<T> => {
    const made = await making;
    closers.unshift(made.close);
    return made;
  };
  const log = (): void => undefined;
  const model = await opened(startModel());
  const repositories = await opened(openRepositories(tokens.git));
  const { server: git } = repositories;
  const good = await opened(startGitHub({ token: tokens.git, git, log }));
  const refusing = await opened(startGitHub({ token: tokens.git, git, log }));
  refusing.failNext({ status: 403, times: 100 });
  const object = await opened(startObject(objectPort));
  // last, and so closed first: what agents left running must not meet servers that are gone
  const agents = await opened(openAgentFolder(agentDir));
  let count = 0;
  const fresh = (stem: string): string => `${stem}-${mark}-${(count += 1)}`;
  const kit = {
    client,
    secret,
    instance: instanceIn(health),
    repositories,
    hosting: { good, refusing },
    model,
    object,
    tokens,
    fresh,
    openRepositories: () => opened(openRepositories(tokens.git)),
    close: async () => {
      for (const close of closers) await close();
    },
  };
  const plan = (given: Plan): Promise<Job> => planJob(kit, agents, given);
  const start = async (given: Plan): Promise<Job> => {
    const job = await plan(given);
    const { status, text } = await job.post();
    demand(status === 202, "202 for a job", `${status} ${text}`);
    return job;
  };
  return {
    ...kit,
    plan,
    start,
    run: async (given) => {
      const job = await start(given);
      return { ...(await job.ended()), job };
    },
  };
}

/** One job for several rows: made for the first that asks. */
export function shared<T>(make: (kit: Kit) => Promise<T>): (kit: Kit) => Promise<T> {
  const made = new WeakMap<Kit, Promise<T>>();
  return (kit) => {
    const known = made.get(kit) ?? make(kit);
    made.set(kit, known);
    return known;
  };
}

/** The instance of the execution that the harness belongs to. */
export function instanceOf({ instance }: Kit): string {
  if (instance === null) throw new NotOffered("the harness names no instance of an execution in /health");
  return instance;
}

type Parts = Pick<Kit, "client" | "fresh" | "model" | "repositories" | "hosting" | "tokens">;

async function planJob(parts: Parts, agents: AgentFolder, plan: Plan): Promise<Job> {
  const { client, fresh, repositories, hosting, tokens, model: models } = parts;
  const model = fresh("kit");
  const place = await agents.prepare(model, plan.behaviour);
  const body = {
    kind: "agent",
    jobId: fresh("job"),
    mode: plan.mode,
    systemPrompt: "You are an agent of a conformance kit.",
    userPrompt: "Do what the kit has written down for you.",
    model,
    ghToken: tokens.git,
    repo: {
      owner,
      name: repository,
      baseBranch: "main",
      cloneUrl: repositories.cloneUrl(),
      provider: "github",
      ...plan.repo,
    },
    branch: "main",
    githubApiBase: hosting.good.url,
    ...credentials(plan.agent ?? "pi", { models, token: tokens.session }),
    ...plan.fields,
  };
  return makeJob(client, { body, place, model });
}

function credentials(agent: Agent, { models, token }: { models: ModelServer; token: string }): Fields {
  return agent === "pi"
    ? { proxyBaseUrl: `${models.url}/v1`, sessionToken: token }
    : { harness: agent, subscriptionToken: token, subscriptionBaseUrl: models.url };
}

function instanceIn(health: unknown): string | null {
  const instance: unknown =
    typeof health === "object" && health !== null ? Reflect.get(health, "instance") : undefined;
  return typeof instance === "string" ? instance : null;
}

/** No shape that a redactor could know it by. */
function secretText(): string {
  return randomBytes(12).toString("hex");
}
