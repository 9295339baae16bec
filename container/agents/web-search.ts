/** Which web search an agent gets, by what the job asks for and what the machine has a key for. */

import type { AgentJob } from "../../shared/job-body.ts";
import type { Environment } from "../process/environment.ts";
import { providers } from "./pi/web-tools/providers.ts";

/** What the web tools read when they are loaded. */
export type WebSearch = {
  readonly provider: string;
  /** The provider's own variables and its name; nothing else of the machine's keys. */
  readonly env: Readonly<Record<string, string>>;
};

export type WebSearchChoice = {
  /** Null: no web tools of ours. */
  readonly webSearch: WebSearch | null;
  /** Whether the agent is to be told of the web: it has our tools, or tools of its own that the job wants used. */
  readonly hasGuidance: boolean;
  /** Why a search that was asked for is not to be had, or not as asked. */
  readonly note: string | null;
};

/** The variable by which an operator pins a provider, and by which the tools are told theirs. */
const pinVariable = "WEB_SEARCH_PROVIDER";

/** In the order in which they are looked for; without a `provider` entry the tools do not speak its protocol. */
const known: ReadonlyArray<readonly [id: string, variable: string]> = [
  ["brave", "BRAVE_SEARCH_API_KEY"],
  ["tavily", "TAVILY_API_KEY"],
  ["exa", "EXA_API_KEY"],
  ["serper", "SERPER_API_KEY"],
  ["perplexity", "PERPLEXITY_API_KEY"],
  ["youcom", "YOUCOM_API_KEY"],
  ["jina", "JINA_API_KEY"],
  ["firecrawl", "FIRECRAWL_API_KEY"],
  ["searxng", "SEARXNG_URL"],
  ["ollama", "OLLAMA_HOST"],
];

/** A key of the machine's own turns web search on, and goes before the job's search through its model proxy. */
export function chooseWebSearch(job: AgentJob, environment: Environment): WebSearchChoice {
  if (job.agent.kind !== "pi") return { webSearch: null, hasGuidance: job.webSearch, note: null };
  const merged = job.webSearch ? { ...environment, ...proxiedSearch(job.agent) } : environment;
  const pin = merged[pinVariable]?.trim().toLowerCase() ?? "";
  const present = known.filter(([, variable]) => hasValue(merged, variable)).map(([id]) => id);
  if (pin === "") return firstOf(present, merged);
  if (!known.some(([id]) => id === pin)) return off(`'${pin}' (${pinVariable}) is no provider that is known`);
  if (!present.includes(pin)) return off(`'${pin}' (${pinVariable}) has no key on this machine`);
  return firstOf([pin], merged);
}

function proxiedSearch({ proxyBaseUrl, sessionToken }: Extract<AgentJob["agent"], { kind: "pi" }>) {
  return { SEARXNG_URL: `${proxyBaseUrl.replace(/\/+$/, "")}/web-search`, SEARXNG_API_KEY: sessionToken };
}

function firstOf(present: readonly string[], merged: Environment): WebSearchChoice {
  const id = present.find((candidate) => providers.has(candidate));
  const passedOver = present.filter((candidate) => !providers.has(candidate) && candidate !== id);
  if (id === undefined) {
    return passedOver.length === 0
      ? { webSearch: null, hasGuidance: false, note: null }
      : off(`the web tools do not speak with ${passedOver.join(", ")}`);
  }
  const own = (providers.get(id)?.variables ?? []).flatMap((name) => {
    const value = merged[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  const env = { [pinVariable]: id, ...Object.fromEntries(own) };
  return { webSearch: { provider: id, env }, hasGuidance: true, note: null };
}

function off(why: string): WebSearchChoice {
  return { webSearch: null, hasGuidance: false, note: `Web search is off: ${why}.` };
}

function hasValue(environment: Environment, name: string): boolean {
  return (environment[name]?.trim() ?? "") !== "";
}
