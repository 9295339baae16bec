import type { RequestListener } from "node:http";
import { onTestFinished, test } from "vitest";
import { boundedFetch } from "../../../../container/agents/pi/web-tools/bounded-fetch.ts";
import { toPageText } from "../../../../container/agents/pi/web-tools/page-text.ts";
import { listenOnLoopback } from "../../../../local/http-server.ts";

async function serve(listener: RequestListener): Promise<string> {
  const server = await listenOnLoopback(listener);
  onTestFinished(() => server.close());
  return server.url;
}

const page = { followsRedirects: true };

test("a page is read up to its bound and no further", async ({ expect }) => {
  const url = await serve((_request, response) => {
    response.writeHead(200, { "content-type": "Text/Plain" });
    const more = (): void => {
      while (!response.destroyed && response.write("x".repeat(64 * 1024)));
    };
    response.on("drain", more);
    more();
  });
  const fetched = await boundedFetch(url, { ...page, maxBytes: 100_000 });
  expect([fetched.text.length, fetched.isCut, fetched.contentType]).toEqual([100_000, true, "text/plain"]);
});

test("who does not answer is given up, in words", async ({ expect }) => {
  const url = await serve(() => undefined);
  await expect(boundedFetch(url, { ...page, timeoutMs: 50 })).rejects.toThrow(/did not answer within 0.05s/);
});

test("only addresses of the web are fetched, also behind a redirect", async ({ expect }) => {
  const url = await serve((request, response) => {
    const to = request.url === "/once" ? "/there" : "file:///etc/passwd";
    if (request.url === "/there") response.end("arrived");
    else response.writeHead(302, { location: request.url === "/round" ? "/round" : to }).end();
  });
  expect(await boundedFetch(`${url}/once`, page)).toMatchObject({ text: "arrived", url: `${url}/there` });
  for (const address of ["file:///etc/passwd", "ftp://host/x", "data:text/plain,x", `${url}/file`]) {
    await expect(boundedFetch(address, page)).rejects.toThrow(/only http and https/);
  }
  await expect(boundedFetch("no address", page)).rejects.toThrow("'no address' is no address");
  await expect(boundedFetch(`${url}/round`, page)).rejects.toThrow(/redirects more than 5 times/);
});

test("a search's key goes to no other address", async ({ expect }) => {
  const seen: unknown[] = [];
  const elsewhere = await serve((request, response) => {
    seen.push(request.headers.authorization);
    response.end("{}");
  });
  const url = await serve((_request, response) => {
    response.writeHead(307, { location: elsewhere }).end();
  });
  const search = { headers: { authorization: "Bearer k" }, followsRedirects: false };
  await expect(boundedFetch(url, search)).rejects.toThrow(/answered with a redirect/);
  expect(seen).toEqual([]);
});

test("a page's text is its words, without markup, scripts and styles", ({ expect }) => {
  const html = `<!doctype html><html><head><title>T</title><style>p{}</style></head><body>
    <h1>Caf&eacute; &amp; <em>more</em></h1><!-- <p>hidden</p> -->
    <script>if (a < b) alert("</p>")</SCRIPT >
    <p>1 < 2 &#x2014; <a href="x>y">link</a>&nbsp;&#65;</p><ul><li>one<li>two</ul>`;
  expect(toPageText(html)).toBe('Caf&eacute; & more\n\n1 < 2 — y">link A\n\none\ntwo');
});

test("a hostile page costs no more than its length", ({ expect }) => {
  const before = performance.now();
  for (const piece of ["<", "<script>", "<!--", "&#", "<a ", "</"]) toPageText(piece.repeat(400_000));
  expect(performance.now() - before).toBeLessThan(10_000);
});
