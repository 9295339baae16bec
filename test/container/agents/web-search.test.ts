import { test } from "vitest";
import { composeInstructions } from "../../../container/agents/instructions.ts";
import { chooseWebSearch } from "../../../container/agents/web-search.ts";
import { makeJob } from "../make-job.ts";

const asking = makeJob({
  webSearch: true,
  agent: { kind: "pi", proxyBaseUrl: "https://proxy.example/v1//", sessionToken: "session-token" },
});
const notAsking = makeJob();

test("a job that asks for the web searches through its model proxy, with its own token", ({ expect }) => {
  expect(chooseWebSearch(asking, { HOME: "/root" })).toEqual({
    webSearch: {
      provider: "searxng",
      env: {
        WEB_SEARCH_PROVIDER: "searxng",
        SEARXNG_URL: "https://proxy.example/v1/web-search",
        SEARXNG_API_KEY: "session-token",
      },
    },
    hasGuidance: true,
    note: null,
  });
  expect(chooseWebSearch(notAsking, { HOME: "/root" })).toEqual({
    webSearch: null,
    hasGuidance: false,
    note: null,
  });
});

test("a key of the machine goes before the proxy, turns the web on by itself, and comes alone", ({
  expect,
}) => {
  const keys = { TAVILY_API_KEY: "t", BRAVE_SEARCH_API_KEY: "b", EXA_API_KEY: "e", OTHER_SECRET: "o" };
  for (const job of [asking, notAsking]) {
    expect(chooseWebSearch(job, keys).webSearch).toEqual({
      provider: "brave",
      env: { WEB_SEARCH_PROVIDER: "brave", BRAVE_SEARCH_API_KEY: "b" },
    });
  }
});

test("an operator pins a provider, and one without its key is off, in words", ({ expect }) => {
  const keys = { TAVILY_API_KEY: "t", BRAVE_SEARCH_API_KEY: "b" };
  const chosen = (pin: string, env: Readonly<Record<string, string>> = keys) =>
    chooseWebSearch(asking, { ...env, WEB_SEARCH_PROVIDER: pin });
  expect(chosen(" Tavily ").webSearch?.provider).toBe("tavily");
  expect(chosen("searxng").webSearch?.provider).toBe("searxng");
  expect(chosen("")).toMatchObject({ webSearch: { provider: "brave" } });
  const rows = {
    exa: "Web search is off: 'exa' (WEB_SEARCH_PROVIDER) has no key on this machine.",
    bing: "Web search is off: 'bing' (WEB_SEARCH_PROVIDER) is no provider that is known.",
  };
  for (const [pin, note] of Object.entries(rows)) {
    expect(chosen(pin)).toEqual({ webSearch: null, hasGuidance: false, note });
  }
});

test("a provider that the tools do not speak with gives way to the next, or is named", ({ expect }) => {
  expect(chooseWebSearch(asking, { YOUCOM_API_KEY: "y" }).webSearch?.provider).toBe("searxng");
  expect(chooseWebSearch(notAsking, { YOUCOM_API_KEY: "y", OLLAMA_HOST: "h" })).toEqual({
    webSearch: null,
    hasGuidance: false,
    note: "Web search is off: the web tools do not speak with youcom, ollama.",
  });
});

test("Claude Code and Codex keep the web tools of their own", ({ expect }) => {
  const subscription = { auth: { kind: "token", subscriptionToken: "t" } } as const;
  for (const kind of ["claude-code", "codex"] as const) {
    const job = makeJob({ webSearch: true, agent: { kind, ...subscription } });
    expect(chooseWebSearch(job, { BRAVE_SEARCH_API_KEY: "b" })).toEqual({
      webSearch: null,
      hasGuidance: true,
      note: null,
    });
  }
});

test("an agent is told of the web only where it has it, in the job's own words where there are any", ({
  expect,
}) => {
  expect(composeInstructions(notAsking)).not.toMatch(/web/i);
  expect(composeInstructions(asking, true)).toContain("`web_search` and `web_fetch`");
  const own = makeJob({ webSearch: true, webToolsGuidance: "Ask the oracle." });
  expect(composeInstructions(own, true)).toContain("Ask the oracle.");
  expect(composeInstructions(own, true)).not.toContain("## The web");
  expect(composeInstructions(own)).not.toContain("Ask the oracle.");
  const silent = makeJob({ webToolsGuidance: "" });
  expect(composeInstructions(silent, true)).toBe(composeInstructions(notAsking));
});

test("every agent is told its role, the linked files, and its own tools by their names", ({ expect }) => {
  const subscription = { auth: { kind: "token", subscriptionToken: "t" } } as const;
  const rows = [
    [asking.agent, "`todo`", "`web_fetch`"],
    [{ kind: "claude-code", ...subscription }, "`TodoWrite`", "`WebFetch`"],
    [{ kind: "codex", ...subscription }, "`update_plan`", "`web_search`"],
  ] as const;
  for (const [agent, steps, web] of rows) {
    const job = makeJob({
      agent,
      systemPrompt: "You are careful.",
      contextFiles: [{ path: "a.md", content: "x", title: "A", url: "" }],
    });
    const text = composeInstructions(job, true);
    const order = ["You are careful.", "blueprints/", "spec/", steps, web, ".cat-context/a.md"];
    const positions = order.map((part) => text.indexOf(part));
    expect(positions).not.toContain(-1);
    expect(positions).toEqual(positions.toSorted((a, b) => a - b));
  }
});
