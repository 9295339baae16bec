/**
 * Loaded by Pi, not by the harness: `web_search` and `web_fetch`, for an agent that is to look things up. Which provider
 * is asked stands in the environment.
 */

import { boundedFetch } from "./web-tools/bounded-fetch.ts";
import { toPageText } from "./web-tools/page-text.ts";
import { type Provider, type SearchResult, providers } from "./web-tools/providers.ts";

type ToolResult = { readonly content: readonly object[]; readonly details: object };

type Tool<Params> = {
  readonly name: string;
  readonly label: string;
  readonly description: string;
  readonly promptSnippet: string;
  readonly parameters: object;
  readonly execute: (callId: string, params: Params, signal?: AbortSignal) => Promise<ToolResult>;
};

type Pi = { readonly registerTool: <Params>(tool: Tool<Params>) => void };

/** What a model reads of one page. */
const maxPageChars = 30_000;

// oxlint-disable-next-line import/no-default-export -- Pi loads an extension by its default export
export default function addWebTools(pi: Pi): void {
  const provider = providers.get(process.env["WEB_SEARCH_PROVIDER"] ?? "");
  if (provider === undefined) return;
  pi.registerTool(webSearch(provider));
  pi.registerTool(webFetch);
}

function webSearch(provider: Provider): Tool<{ readonly query: string; readonly max_results?: number }> {
  return {
    name: "web_search",
    label: "Web search",
    description: "Search the web. Answers with titles, addresses and snippets; read a page with web_fetch.",
    promptSnippet: "Search the web",
    parameters: {
      type: "object",
      properties: {
        query: { type: "string", minLength: 1, maxLength: 1_000 },
        max_results: { type: "integer", minimum: 1, maximum: 10 },
      },
      required: ["query"],
    },
    execute: async (_callId, { query, max_results: asked = 5 }, signal) => {
      const maxResults = Math.min(10, Math.max(1, Math.floor(asked)));
      const { url, ...request } = provider.ask({ text: query, maxResults, env: process.env });
      const { status, text } = await boundedFetch(url, { ...request, signal, followsRedirects: false });
      if (status !== 200) throw new Error(`the search failed: HTTP ${status}`);
      const results = provider.read(parseJson(text)).slice(0, maxResults);
      return toResult(listResults(query, results), { query, resultCount: results.length });
    },
  };
}

const webFetch: Tool<{ readonly url: string }> = {
  name: "web_fetch",
  label: "Web fetch",
  description: `Read a page of the web: its text without markup, at most ${maxPageChars} characters.`,
  promptSnippet: "Read a page of the web",
  parameters: {
    type: "object",
    properties: { url: { type: "string", minLength: 1, maxLength: 4_000 } },
    required: ["url"],
  },
  execute: async (_callId, { url: address }, signal) => {
    const headers = { accept: "text/html, text/*;q=0.9, application/json;q=0.9, */*;q=0.1" };
    const page = await boundedFetch(address, { headers, signal, followsRedirects: true });
    if (page.status >= 400) throw new Error(`${address} answered HTTP ${page.status}`);
    if (!isReadable(page.contentType)) throw new Error(`${address} is no text but ${page.contentType}`);
    const whole = page.contentType.includes("html") ? toPageText(page.text) : page.text;
    const isCut = page.isCut || whole.length > maxPageChars;
    const text = whole.slice(0, maxPageChars).toWellFormed();
    return toResult(isCut ? `${text}\n\n(The page goes on; this is its beginning.)` : text, {
      url: page.url,
    });
  },
};

function isReadable(contentType: string): boolean {
  return contentType === "" || /^text\/|[/+](?:json|xml|yaml|javascript)\b/.test(contentType);
}

function listResults(query: string, results: readonly SearchResult[]): string {
  if (results.length === 0) return `Nothing was found for "${query}".`;
  return results
    .map(({ title, url, snippet }, index) => `${index + 1}. ${title}\n   ${url}\n   ${snippet}`)
    .join("\n");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error("the search answered with something that is no JSON", { cause: error });
  }
}

function toResult(text: string, details: object): ToolResult {
  return { content: [{ type: "text", text }], details };
}
