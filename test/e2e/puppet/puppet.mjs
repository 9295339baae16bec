// Stands where the harness stands and does nothing by itself: a test says what it answers, posts and when it ends.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";

/** What holds from the boot on: { ready: false } never listens, { exitCode: n } ends at once, { jobs: "unknown" } forgets, { jobs: "broken" } knows no answer. */
const orders = JSON.parse(readFileSync(process.env.PUPPET_ORDERS, "utf8"));
const boot = `puppet-${process.pid}-${process.hrtime.bigint()}`;
const instance = process.env.HARNESS_INSTANCE;
const jobs = new Map();
const held = [];

if (orders.exitCode !== undefined) process.exit(orders.exitCode);
if (orders.ready === false) setInterval(() => undefined, 1e6);
else {
  createServer((request, response) => {
    handle(request, response).catch((error) => answer(response, 500, { error: String(error) }));
  }).listen(Number(process.env.PORT ?? 8080));
}

async function handle(request, response) {
  const { pathname } = new URL(request.url, "http://puppet");
  const body = await textOf(request);
  if (pathname === "/health") return answer(response, 200, { status: "ok", boot, instance });
  if (pathname.startsWith("/puppet/"))
    return pulled(pathname.slice(8), body === "" ? {} : JSON.parse(body), response);
  if (request.method === "POST" && pathname === "/jobs") {
    const job = JSON.parse(body);
    jobs.set(job.jobId, job);
    if (orders.holdJobs) await new Promise((resolve) => held.push(resolve));
    return answer(response, 202, { jobId: job.jobId, state: "running", beats: true, boot, instance });
  }
  const jobId = decodeURIComponent(pathname.slice("/jobs/".length));
  if (request.method === "DELETE") return answer(response, 202, { jobId, state: "running" });
  const job = jobs.get(jobId);
  if (orders.jobs === "broken") return answer(response, 500, { error: "broken" });
  if (job === undefined || orders.jobs === "unknown")
    return answer(response, 404, { error: "job not found" });
  return answer(response, 200, {
    id: jobId,
    state: "running",
    startedAt: 1,
    heartbeatAt: 1,
    phase: "agent",
    boot,
    instance,
  });
}

async function pulled(string, body, response) {
  if (string === "jobs") return answer(response, 200, { boot, instance, jobs: [...jobs.values()] });
  if (string === "release") {
    for (const resolve of held.splice(0)) resolve();
    return answer(response, 200, {});
  }
  if (string === "beat") {
    const sent = await fetch("http://holt.internal/v1/beats", {
      method: "POST",
      headers: {
        "content-type": "application/json",
        ...(body.key === undefined ? {} : { authorization: `Bearer ${body.key}` }),
        ...body.headers,
      },
      body: body.text ?? JSON.stringify(body.beat),
    });
    const text = await sent.text();
    return answer(response, 200, { status: sent.status, body: text === "" ? null : JSON.parse(text) });
  }
  if (string === "exit") {
    if (body.late !== undefined) leaveBehind(body.late);
    answer(response, 200, {});
    response.on("close", () => process.exit(body.code));
    return undefined;
  }
  return answer(response, 404, { error: `no string ${string}` });
}

/** Stands for the network that still carries a beat when its sender has ended; has no mark of the container left. */
function leaveBehind({ url, beat, key }) {
  const program = `
    const [url, beat, key] = process.argv.slice(1);
    const headers = { "content-type": "application/json", authorization: "Bearer " + key };
    fetch(url)
      .then((answer) => answer.text())
      .then(() => fetch("http://holt.internal/v1/beats", { method: "POST", headers, body: beat }));`;
  const { HTTP_PROXY, NO_PROXY } = process.env;
  const env = { HTTP_PROXY, NO_PROXY, NODE_USE_ENV_PROXY: "1" };
  spawn(process.execPath, ["-e", program, url, beat, key], { env, detached: true, stdio: "ignore" }).unref();
}

async function textOf(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

function answer(response, status, body) {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}
