/** Routes, status codes, the secret, ids, views. */

import { demand, demandSame, NotOffered } from "../demand.ts";
import { group } from "../row.ts";
import { behave, emit, reach, waitFor } from "../world/behaviour.ts";
import { SECRET_HEADER } from "../world/client.ts";
import { piSays } from "../world/events.ts";
import type { Kit } from "../world/kit.ts";

const notFound = { error: "not found" };
const jobNotFound = { error: "job not found" };
const unauthorized = { error: "unauthorized" };

/** Every path that is none; a DELETE of a job may be one. */
const nowhere = [
  ["GET", "/"],
  ["GET", "/health?x"],
  ["GET", "/health/"],
  ["POST", "/health"],
  ["POST", "/jobs?x"],
  ["POST", "/jobs/"],
  ["GET", "/jobs"],
  ["PUT", "/jobs/a"],
  ["PATCH", "/jobs/a"],
  ["OPTIONS", "/jobs"],
] as const;

const done = behave(emit(...piSays("done")));

export const protocolRows = group("protocol", [
  {
    id: "health",
    title: "GET /health answers 200 with status ok, to anybody",
    check: async ({ client }) => {
      const { status, body, contentType } = await client.send("GET", "/health", { secret: undefined });
      demandSame("status", status, 200);
      demandSame("body.status", field(body, "status"), "ok");
      demandSame("content type", contentType.split(";")[0], "application/json");
    },
  },
  {
    id: "no-route",
    title: "what is no route is 404 'not found', queries and HEAD included",
    check: async ({ client }) => {
      for (const [method, path] of nowhere) {
        const { status, body } = await client.send(method, path);
        demandSame(`${method} ${path}`, [status, body], [404, notFound]);
      }
      demandSame("HEAD /health", (await client.send("HEAD", "/health")).status, 404);
    },
  },
  {
    id: "unknown-job",
    title: "an id that nobody dispatched is 404 'job not found', whatever it holds",
    check: async ({ client }) => {
      for (const id of ["nobody", "", "a?b", "a/b", "%E2%82%AC", "__proto__", "constructor"]) {
        const { status, body } = await client.send("GET", `/jobs/${id}`);
        demandSame(`GET /jobs/${id}`, [status, body], [404, jobNotFound]);
      }
    },
  },
  {
    id: "accepted",
    title: "a dispatch is 202 with the job's id and state",
    check: async (kit) => {
      const job = await kit.plan({ mode: "explore", behaviour: done });
      const { status, body, contentType } = await job.post();
      demandSame("status", status, 202);
      demandSame("jobId", field(body, "jobId"), job.id);
      demandSame("state", field(body, "state"), "running");
      demandSame("content type", contentType.split(";")[0], "application/json");
      await job.ended();
    },
  },
  {
    id: "encoded-id",
    title: "an id of any characters is read percent-decoded, once",
    check: async (kit) => {
      const jobId = `${kit.fresh("id")} é/?&%41€`;
      const job = await kit.plan({ mode: "explore", behaviour: done, fields: { jobId } });
      demandSame("status", (await job.post()).status, 202);
      demandSame("id", (await job.ended()).view.id, jobId);
      const once = await kit.client.send("GET", `/jobs/${encodeURIComponent(jobId.replace("%41", "A"))}`);
      demandSame("an id decoded twice", once.status, 404);
    },
  },
  {
    id: "view",
    title: "a view has its keys at any time, and those of an end only at the end",
    check: async (kit) => {
      const behaviour = behave(reach("begun"), waitFor("go"), emit(...piSays("seen")));
      const job = await kit.start({ mode: "explore", behaviour });
      await job.place.wait("begun");
      const running = await job.view();
      demandSame("running", [running.id, running.state, running.phase], [job.id, "running", "agent"]);
      const early = ["result", "error", "failureCause", "detail"].filter((key) => key in running);
      demandSame("keys of an end in a running view", early, []);
      demand(running.heartbeatAt >= running.startedAt, "heartbeatAt not before startedAt", running);
      await job.place.signal("go");
      const { view } = await job.ended();
      demandSame("ended", [view.id, view.state, view.phase], [job.id, "done", "done"]);
      demandSame("startedAt", view.startedAt, running.startedAt);
      demandSame("summary", view.result?.summary, "seen");
    },
  },
  {
    id: "secret",
    title: "with a secret, everything but /health is 401 without it, unknown paths too",
    check: async (kit) => {
      const { client } = kit;
      const secret = secretOf(kit);
      const job = await kit.plan({ mode: "explore", behaviour: done });
      for (const wrong of [undefined, "", `${secret}x`, secret.slice(1)]) {
        for (const [method, path] of [...nowhere, ["GET", "/jobs/a"], ["HEAD", "/health"]] as const) {
          const { status, body } = await client.send(method, path, { secret: wrong });
          const seen = method === "HEAD" ? [status] : [status, body];
          demandSame(`${method} ${path}`, seen, method === "HEAD" ? [401] : [401, unauthorized]);
        }
        const body = JSON.stringify(job.body);
        const posted = await client.send("POST", "/jobs", { body, secret: wrong });
        demandSame("POST /jobs", [posted.status, posted.body], [401, unauthorized]);
      }
      demandSame("the job that was refused", (await job.read()).status, 404);
    },
  },
  {
    id: "secret-repeated",
    title: "of a repeated secret header the first value counts",
    check: async (kit) => {
      const secret = secretOf(kit);
      const statusOf = async (...values: readonly string[]): Promise<number> => {
        const headers = { [SECRET_HEADER]: values };
        return (await kit.client.send("GET", "/jobs/nobody", { headers, secret: undefined })).status;
      };
      demandSame("right, wrong", await statusOf(secret, "wrong"), 404);
      demandSame("wrong, right", await statusOf("wrong", secret), 401);
    },
  },
  {
    id: "secret-first",
    title: "a request without the secret is refused before its body is there",
    check: async (kit) => {
      secretOf(kit);
      const head = "POST /jobs HTTP/1.1\r\nHost: kit\r\nContent-Length: 1000000\r\n\r\n";
      const answer = await kit.client.raw(head, 3_000);
      demand(answer.startsWith("HTTP/1.1 401 "), "401 to the head of a request", answer);
    },
  },
]);

function secretOf({ secret }: Kit): string {
  if (secret === undefined) throw new NotOffered("no --secret was given");
  return secret;
}

export function field(body: unknown, name: string): unknown {
  return typeof body === "object" && body !== null ? Reflect.get(body, name) : undefined;
}
