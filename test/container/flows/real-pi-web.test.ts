import { join } from "node:path";
import { Readable } from "node:stream";
import { onTestFinished, test } from "vitest";
import { createFlow } from "../../../container/flows/flows.ts";
import { systemRandom } from "../../../container/system.ts";
import { listenOnLoopback } from "../../../local/http-server.ts";
import { startModelServer } from "../../../local/model/model-server.ts";
import type { Script } from "../../../local/model/script.ts";
import type { CodingJob } from "../../../shared/job-body.ts";
import { startGitHost } from "../git-host.ts";
import { makeFolder, realClock } from "../job-folder.ts";
import { makeJob } from "../make-job.ts";
import { makeContext } from "../recording-context.ts";

const modelToken = "model-token-0123456789";
const binaries = new URL("../../../node_modules/.bin", import.meta.url).pathname;

/** A model proxy that searches too, and a page of the web, behind one address. */
async function startProxy(script: Script) {
  const model = await startModelServer({ script, token: modelToken, log: () => undefined });
  const searches: Array<{ readonly query: string | null; readonly authorization: string | undefined }> = [];
  const proxy = await listenOnLoopback(async (request, response) => {
    const url = new URL(request.url ?? "/", "http://proxy");
    if (url.pathname === "/page") {
      response.writeHead(200, { "content-type": "text/html" });
      response.end("<h1>Durations</h1><script>no</script><p>Sixty seconds to the minute.</p>");
    } else if (url.pathname === "/v1/web-search/search") {
      searches.push({ query: url.searchParams.get("q"), authorization: request.headers.authorization });
      const results = [{ title: "Durations", url: `http://${request.headers.host}/page`, content: "sixty" }];
      response.end(JSON.stringify({ results }));
    } else {
      const body = request.method === "POST" ? await new Response(Readable.toWeb(request)).text() : null;
      const { authorization = "" } = request.headers;
      const answer = await fetch(new URL(request.url ?? "/", model.url), {
        method: request.method ?? "GET",
        headers: { authorization, "content-type": "application/json" },
        ...(body !== null && { body }),
      });
      response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "" });
      response.end(await answer.text());
    }
  });
  onTestFinished(async () => {
    for (const server of [proxy, model]) await server.close();
  });
  return { url: proxy.url, searches, requests: () => model.requests() };
}

/** The real Pi on a repository, with a scripted model and whatever the job says of the web. */
async function work(script: Script, fields: Partial<CodingJob>) {
  const folder = await makeFolder();
  const host = await startGitHost(folder);
  const proxy = await startProxy(script);
  const job = makeJob({
    agent: { kind: "pi", proxyBaseUrl: `${proxy.url}/v1/`, sessionToken: modelToken },
    repo: { owner: "octo", name: "app", baseBranch: "main", cloneUrl: host.cloneUrl },
    noChangesIsError: false,
    ...fields,
  });
  const recording = await makeContext(folder, { secrets: [modelToken] });
  const flow = createFlow({
    clock: realClock,
    env: { ...process.env, PATH: `${binaries}:${process.env["PATH"]}` },
    fetch,
    random: systemRandom,
    workspaces: { root: join(folder, "workspaces"), keep: [] },
    user: null,
    ownsAccount: () => false,
  });
  const terminal = await flow(job, recording.context);
  const tools = recording.reported.flatMap((report) =>
    report.kind === "tool-end" ? [`${report.tool} ${report.ok}`] : [],
  );
  const systems = proxy.requests().flatMap(({ conversation }) => conversation?.system ?? []);
  return { terminal, tools, proxy, systems };
}

const researching: Script = ({ toolResults, lastToolResult }) => {
  if (toolResults.length === 0)
    return { kind: "tool", name: "web_search", args: { query: "a minute & more" } };
  const address = /http:\S+\/page/.exec(lastToolResult?.text ?? "")?.[0];
  if (toolResults.length === 1) return { kind: "tool", name: "web_fetch", args: { url: address ?? "none" } };
  return { kind: "text", text: lastToolResult?.text ?? "" };
};

test("the real Pi searches through the job's model proxy with the job's token, and reads what it finds", async ({
  expect,
}) => {
  const { terminal, tools, proxy, systems } = await work(researching, { webSearch: true });
  expect(terminal).toMatchObject({
    state: "done",
    result: { summary: "Durations\n\nSixty seconds to the minute." },
  });
  expect(tools).toEqual(["web_search true", "web_fetch true"]);
  expect(proxy.searches).toEqual([{ query: "a minute & more", authorization: `Bearer ${modelToken}` }]);
  expect(systems[0]).toContain("## The web");
});

test("the real Pi has no web tools where nobody asked for them", async ({ expect }) => {
  const { tools, proxy, systems } = await work(researching, { webToolsGuidance: "Ask the oracle." });
  expect(tools).toEqual(["web_search false", "web_fetch false"]);
  expect(proxy.searches).toEqual([]);
  expect(systems[0]).not.toContain("Ask the oracle.");
});

test("a search that fails is told to the model as such", async ({ expect }) => {
  const asking: Script = ({ lastToolResult }) =>
    lastToolResult === undefined
      ? { kind: "tool", name: "web_fetch", args: { url: "file:///etc/passwd" } }
      : { kind: "text", text: lastToolResult.text };
  const { terminal, tools } = await work(asking, { webSearch: true });
  expect(tools).toEqual(["web_fetch false"]);
  expect(terminal.result?.summary).toContain("only http and https addresses can be fetched");
});
