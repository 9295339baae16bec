import { test } from "vitest";
import { createCarefulFetch } from "../../../container/hosting/careful-fetch.ts";
import { startServer } from "./rig.ts";

const carefully = createCarefulFetch(fetch);
const post = { method: "POST", headers: { authorization: "Bearer t0ken" }, body: "{}" };

test("a redirect that keeps to its host takes request, method and token along", async ({ expect }) => {
  const server = await startServer(
    { status: 307, headers: { location: "/repositories/7/pulls" } },
    { status: 201, body: "made" },
  );
  const answer = await carefully(`${server.url}/repos/octo/old-name/pulls`, post);
  expect([answer.status, await answer.text()]).toEqual([201, "made"]);
  expect(server.seen).toMatchObject([
    { method: "POST", url: "/repos/octo/old-name/pulls" },
    { method: "POST", url: "/repositories/7/pulls", headers: { authorization: "Bearer t0ken" }, body: "{}" },
  ]);
});

test("a redirect to another host, or of another kind, is the answer", async ({ expect }) => {
  const elsewhere = await startServer({ status: 200 });
  const leadingAway = await startServer({ status: 307, headers: { location: `${elsewhere.url}/repos` } });
  expect((await carefully(`${leadingAway.url}/repos`, post)).status).toBe(307);
  const changing = await startServer({ status: 302, headers: { location: "/other" } });
  expect((await carefully(`${changing.url}/repos`, post)).status).toBe(302);
  expect(elsewhere.seen).toEqual([]);
  expect(changing.seen).toHaveLength(1);
});

test("redirects that lead round in a circle come to an end", async ({ expect }) => {
  const server = await startServer({ status: 308, headers: { location: "/again" } });
  expect((await carefully(`${server.url}/again`, post)).status).toBe(308);
  expect(server.seen).toHaveLength(4);
});

test("no more of an answer is read than an honest one has", async ({ expect }) => {
  const server = await startServer({ status: 502, body: "<p>broken</p>".repeat(2 ** 20) });
  const answer = await carefully(server.url);
  expect(answer.status).toBe(502);
  expect((await answer.text()).length).toBeLessThan(4 * 2 ** 20);
});
