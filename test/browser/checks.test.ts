// The checks themselves, on pages with one planted fault each: what they would not find there they would find nowhere.
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, test } from "vitest";
import { chromiumFlags, findChromium } from "../../local/chromium.ts";
import { listenOnLoopback, type LoopbackServer } from "../../local/http-server.ts";
import { findBarriers } from "./axe.ts";
import { watchFaults } from "./faults.ts";
import { findLayoutFaults } from "./layout.ts";

let browser: Browser;
let page: Page;
let server: LoopbackServer;
let served = "";
beforeAll(async () => {
  browser = await chromium.launch({ executablePath: findChromium(process.env), args: [...chromiumFlags] });
  page = await browser.newPage();
  server = await listenOnLoopback((request, response) => {
    if (request.url !== "/") return void response.writeHead(request.url === "/icon" ? 204 : 404).end();
    const policy =
      "default-src 'none'; style-src 'self'; img-src 'self' http://127.0.0.1:1; connect-src 'self'";
    response.writeHead(200, { "content-type": "text/html", "content-security-policy": policy });
    response.end(served);
  });
});
afterAll(async () => {
  await browser.close();
  await server.close();
});

const head = '<!doctype html><html lang="en"><title>a</title><link rel="icon" href="/icon" />';

test.for<[fault: RegExp | null, body: string]>([
  [
    null,
    "<p>All is well</p><p style='overflow:auto;white-space:nowrap;width:5em' tabindex=0>it scrolls, and may</p>",
  ],
  [/the page scrolls sideways/, "<div style='width:3000px;height:1px'></div>"],
  [
    /wider than its box/,
    "<div style='width:50px;overflow:hidden;white-space:nowrap'>this is cut and does not say so</div>",
  ],
  [/wider than its box/, "<div style='width:50px'>Donaudampfschifffahrtsgesellschaft</div>"],
  [
    /higher than its box/,
    "<div style='height:1em;overflow:hidden;width:90px'>more lines than there is room for</div>",
  ],
  [
    /no title has it whole/,
    "<div style='width:50px;overflow:hidden;white-space:nowrap;text-overflow:ellipsis'>this is cut for good</div>",
  ],
  [
    null,
    "<div style='width:50px;overflow:hidden;white-space:nowrap;text-overflow:ellipsis' title='this is cut'>this is cut</div>",
  ],
  [/texts lie on each other/, "<p>one of them</p><p style='margin-top:-2.2em'>the other one</p>"],
  [null, "<p style='position:fixed;top:1em'>stays</p><p>goes on below</p>"],
  [
    null,
    "<span style='position:absolute;width:1px;height:1px;overflow:hidden'>read aloud</span><p>and seen</p>",
  ],
])("of how a page lies there: %s", async ([fault, body], { expect }) => {
  await page.setContent(`${head}<main><h1>Title</h1>${body}</main>`);
  const found = await findLayoutFaults(page);
  if (fault === null) expect(found).toEqual([]);
  // What holds it is too wide as well.
  else expect(found[0]).toMatch(fault);
});

test("a page is judged by axe under a policy that lets no script run", async ({ expect }) => {
  served = `${head}<main><h1>Title</h1><img src="/x.png" /><button></button></main>`;
  await page.goto(server.url);
  expect(new Set((await findBarriers(page)).map((line) => line.split(":")[0]))).toEqual(
    new Set(["button-name", "image-alt"]),
  );
});

test("requests to other origins, CSP reports and errors are seen, expected ones missed", async ({
  expect,
}) => {
  const context = await browser.newContext();
  const faults = await watchFaults(context, server.url);
  const page = await context.newPage();
  served = `${head}<main><h1>Title</h1></main>`;
  await page.goto(server.url);
  expect(faults.list()).toEqual([]);
  await page.evaluate(() => {
    document.body.append(Object.assign(document.createElement("script"), { textContent: "1" }));
    document.body.append(Object.assign(new Image(), { src: "http://127.0.0.1:1/elsewhere.png" }));
    void fetch("http://127.0.0.1:2/elsewhere").catch(() => undefined);
    setTimeout(() => {
      throw new Error("thrown");
    });
    return fetch("/nothing");
  });
  faults.expect(/status of 404/);
  faults.expect(/never comes/);
  const about = [
    /request to another origin: http:\/\/127/,
    /CSP report: script-src/,
    /CSP report: connect-src/,
  ];
  for (const pattern of [...about, /error: thrown/])
    expect(faults.list()).toContainEqual(expect.stringMatching(pattern));
  expect(faults.list()).not.toContainEqual(expect.stringMatching(/status of 404/));
  expect(faults.list()).toContainEqual("expected, and did not happen: /never comes/");
  await context.close();
});
