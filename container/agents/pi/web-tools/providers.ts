/** How each search provider is asked, and what it answers. Loaded by Pi too, so it imports nothing. */

export type SearchResult = { readonly title: string; readonly url: string; readonly snippet: string };

export type SearchRequest = {
  readonly url: string;
  readonly method: "GET" | "POST";
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
};

export type SearchQuery = {
  readonly text: string;
  readonly maxResults: number;
  /** Holds the provider's own variables. */
  readonly env: Readonly<Record<string, string | undefined>>;
};

export type Provider = {
  readonly variables: readonly string[];
  readonly ask: (query: SearchQuery) => SearchRequest;
  readonly read: (answer: unknown) => readonly SearchResult[];
};

/** By the names under which operators pin them. */
export const providers: ReadonlyMap<string, Provider> = new Map<string, Provider>([
  [
    "brave",
    {
      variables: ["BRAVE_SEARCH_API_KEY"],
      ask: ({ text, maxResults, env }) => ({
        url: `https://api.search.brave.com/res/v1/web/search?q=${encodeURIComponent(text)}&count=${maxResults}`,
        method: "GET",
        headers: { accept: "application/json", "x-subscription-token": env["BRAVE_SEARCH_API_KEY"] ?? "" },
      }),
      read: (answer) => resultsIn(fieldOf(fieldOf(answer, "web"), "results"), "url", ["description"]),
    },
  ],
  [
    "tavily",
    {
      variables: ["TAVILY_API_KEY"],
      ask: ({ text, maxResults, env }) =>
        post("https://api.tavily.com/search", {
          headers: bearer(env["TAVILY_API_KEY"]),
          body: { query: text, max_results: maxResults },
        }),
      read: (answer) => resultsIn(fieldOf(answer, "results"), "url", ["content"]),
    },
  ],
  [
    "exa",
    {
      variables: ["EXA_API_KEY"],
      ask: ({ text, maxResults, env }) =>
        post("https://api.exa.ai/search", {
          headers: { "x-api-key": env["EXA_API_KEY"] ?? "" },
          body: { query: text, numResults: maxResults, contents: { text: { maxCharacters: 1_000 } } },
        }),
      read: (answer) => resultsIn(fieldOf(answer, "results"), "url", ["text"]),
    },
  ],
  [
    "serper",
    {
      variables: ["SERPER_API_KEY"],
      ask: ({ text, maxResults, env }) =>
        post("https://google.serper.dev/search", {
          headers: { "x-api-key": env["SERPER_API_KEY"] ?? "" },
          body: { q: text, num: maxResults },
        }),
      read: (answer) => resultsIn(fieldOf(answer, "organic"), "link", ["snippet"]),
    },
  ],
  [
    "perplexity",
    {
      variables: ["PERPLEXITY_API_KEY"],
      ask: ({ text, maxResults, env }) =>
        post("https://api.perplexity.ai/search", {
          headers: bearer(env["PERPLEXITY_API_KEY"]),
          body: { query: text, max_results: maxResults },
        }),
      read: (answer) => resultsIn(fieldOf(answer, "results"), "url", ["snippet"]),
    },
  ],
  [
    "searxng",
    {
      variables: ["SEARXNG_URL", "SEARXNG_API_KEY"],
      ask: ({ text, env }) => ({
        url: `${(env["SEARXNG_URL"] ?? "").replace(/\/+$/, "")}/search?q=${encodeURIComponent(text)}&format=json`,
        method: "GET",
        headers: { accept: "application/json", ...bearer(env["SEARXNG_API_KEY"]) },
      }),
      read: (answer) => resultsIn(fieldOf(answer, "results"), "url", ["content"]),
    },
  ],
]);

const maxSnippetChars = 1_000;

function post(
  url: string,
  { headers, body }: { readonly headers: Readonly<Record<string, string>>; readonly body: object },
): SearchRequest {
  const json = { accept: "application/json", "content-type": "application/json" };
  return { url, method: "POST", headers: { ...json, ...headers }, body: JSON.stringify(body) };
}

function bearer(token = ""): Readonly<Record<string, string>> {
  return token === "" ? {} : { authorization: `Bearer ${token}` };
}

/** Entries without an address are no results; a missing text is an empty one. */
function resultsIn(list: unknown, urlField: string, snippetFields: readonly string[]): SearchResult[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((entry: unknown) => {
    const url = textOf(fieldOf(entry, urlField));
    if (url === "") return [];
    const snippet = snippetFields.map((field) => textOf(fieldOf(entry, field))).find((text) => text !== "");
    const title = textOf(fieldOf(entry, "title"));
    return [
      {
        title: title === "" ? url : title,
        url,
        snippet: (snippet ?? "").slice(0, maxSnippetChars).toWellFormed(),
      },
    ];
  });
}

function fieldOf(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  return Object.getOwnPropertyDescriptor(value, name)?.value;
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value.trim() : "";
}
