import { test } from "vitest";
import { providers } from "../../../../container/agents/pi/web-tools/providers.ts";

const env = {
  BRAVE_SEARCH_API_KEY: "k",
  TAVILY_API_KEY: "k",
  EXA_API_KEY: "k",
  SERPER_API_KEY: "k",
  PERPLEXITY_API_KEY: "k",
  SEARXNG_URL: "http://127.0.0.1:9/web-search/",
  SEARXNG_API_KEY: "k",
};

/** One result in each provider's own words. */
const answers = {
  brave: { web: { results: [{ title: "T", url: "https://a/", description: "S" }] } },
  tavily: { results: [{ title: "T", url: "https://a/", content: "S" }] },
  exa: { results: [{ title: "T", url: "https://a/", text: "S" }] },
  serper: { organic: [{ title: "T", link: "https://a/", snippet: "S" }] },
  perplexity: { results: [{ title: "T", url: "https://a/", snippet: "S" }] },
  searxng: { results: [{ title: "T", url: "https://a/", content: "S" }] },
};

test("each provider is asked with its key in a header, and read in its own words", ({ expect }) => {
  expect([...providers.keys()].toSorted()).toEqual(Object.keys(answers).toSorted());
  for (const [id, answer] of Object.entries(answers)) {
    const provider = providers.get(id);
    const request = provider?.ask({ text: "a & b", maxResults: 3, env });
    expect([
      id,
      Object.values(request?.headers ?? {}).some((value) => /^(?:Bearer )?k$/.test(value)),
    ]).toEqual([id, true]);
    expect(`${request?.url} ${request?.body}`).toMatch(/a%20%26%20b|a & b/);
    expect(request?.url).not.toContain("k&");
    expect(provider?.read(answer)).toEqual([{ title: "T", url: "https://a/", snippet: "S" }]);
  }
});

test("an answer of another shape is no result", ({ expect }) => {
  for (const provider of providers.values()) {
    for (const answer of [null, "x", [], { results: {} }, { results: [null, 5, { title: "no address" }] }]) {
      expect(provider.read(answer)).toEqual([]);
    }
  }
});
