import { describe, test } from "vitest";
import { createUncheckedClient } from "../../../shared/client/unchecked.ts";
import { createExecutionReader, foremost, type Read } from "../../../worker/ui/execution/execution-reader.ts";
import { page, t0 } from "./build.ts";

type Job = ReturnType<typeof makeJob>;

function makeJob(over: { id?: string; state?: string; status?: string; revision?: number } = {}) {
  const job = { id: "e_1-coder", state: "running", status: "running", revision: 1, ...over };
  const deadlines = [{ name: "inactivity", at: t0 + 600_000 }];
  return { ...job, round: 1, startedAt: t0, deadlines };
}

/** A server that holds one execution, behind the client's port; what it is asked is listed. */
class Server {
  revision = 1;
  newest = 3;
  clock = t0 + 5_000;
  jobs: readonly Job[] = [makeJob()];
  /** What the lines of the log say. */
  text = "of the first";
  /** Answered by it, in place of what was asked for. */
  refusal: { readonly of: RegExp; readonly body: unknown } | null = null;
  readonly asked: string[] = [];
  readonly reads: Read[] = [];

  readonly #reader = createExecutionReader({
    executionId: "e_1",
    now: () => t0,
    client: () =>
      createUncheckedClient({
        url: "http://127.0.0.1",
        token: "t",
        send: async (url, { headers }) => this.#answer(new URL(url), headers["if-none-match"]),
      }),
  });

  #answer({ pathname, search, searchParams }: URL, tag: string | undefined): Response {
    const what = `${pathname.replace("/v1/executions/e_1", "")}${search.replace("&limit=1000", "")}`;
    this.asked.push(what);
    if (this.refusal?.of.test(what) === true) return Response.json(this.refusal.body, { status: 400 });
    if (pathname.endsWith("/events")) {
      const after = Number(searchParams.get("after"));
      const to = Math.min(after + 1_000, this.newest);
      const { events, ...rest } = page(after + 1, to, { newest: this.newest });
      return Response.json({ ...rest, events: events.map((each) => ({ ...each, text: this.text })) });
    }
    const jobId = /jobs\/(.+)$/.exec(pathname)?.[1];
    if (jobId !== undefined) return Response.json(this.jobs.find(({ id }) => id === jobId));
    const etag = `"${this.revision}"`;
    if (tag === etag) return new Response(null, { status: 304 });
    const { jobs, newest: cursor, clock: asOf } = this;
    const view = { executionId: "e_1", asOf, cursor, jobs, instance: null };
    return Response.json(view, { headers: { etag } });
  }

  /** What one round of reading asks for. */
  async round(jobId: string | null = null) {
    const before = this.asked.length;
    const { signal } = new AbortController();
    const told = await this.#reader.ask(jobId, signal, (read) => this.reads.push(read));
    return { told, asked: this.asked.slice(before) };
  }

  change(jobs: readonly Job[] = this.jobs, newest = this.newest): void {
    this.revision += 1;
    this.jobs = jobs;
    this.newest = newest;
  }
}

test("the first round reads execution, job and log; one in which nothing changed is one call", async ({
  expect,
}) => {
  const server = new Server();
  const first = await server.round();
  expect(first.asked).toEqual(["", "/jobs/e_1-coder", "/events?after=0"]);
  expect(first.told).toMatchObject({ kind: "answered", isLive: true, again: false });
  expect(server.reads.at(-1)).toMatchObject({ job: { id: "e_1-coder" }, log: { next: 3 }, skewMs: 5_000 });
  expect((await server.round()).asked).toEqual([""]);
});

test("only what changed is read again: the log from where it was, a job by its revision", async ({
  expect,
}) => {
  const server = new Server();
  await server.round();
  server.change(server.jobs, 7);
  expect((await server.round()).asked).toEqual(["", "/events?after=3"]);
  server.change([makeJob({ state: "done", status: "done", revision: 2 })]);
  const last = await server.round();
  expect(last.asked).toEqual(["", "/jobs/e_1-coder"]);
  expect(last.told).toMatchObject({ isLive: false });
});

test("a long log is read in rounds that follow each other at once, each event once", async ({ expect }) => {
  const server = new Server();
  server.newest = 12_000;
  const agains: unknown[] = [];
  for (let more = true; more;) {
    const { told } = await server.round();
    more = told.kind === "answered" && told.again === true;
    agains.push(more);
  }
  expect(agains).toEqual([true, true, false]);
  expect(server.reads.at(-1)?.log.entries).toHaveLength(12_000);
  expect(server.asked.filter((call) => call.startsWith("/events"))).toHaveLength(12);
});

test("another job of the execution is read by its id, and the log is not read anew", async ({ expect }) => {
  const server = new Server();
  server.jobs = [...server.jobs, makeJob({ id: "e_1-tester", status: "queued" })];
  await server.round();
  expect((await server.round("e_1-tester")).asked).toEqual(["", "/jobs/e_1-tester"]);
  expect(server.reads.at(-1)?.job?.id).toBe("e_1-tester");
  await server.round("e_1-nobody");
  expect(server.reads.at(-1)?.job).toBeNull();
});

test("a failure is told, and nothing is shown for it", async ({ expect }) => {
  const server = new Server();
  await server.round();
  server.refusal = { of: /./, body: { error: "no", code: "forbidden", requestId: "r" } };
  server.change(server.jobs, 9);
  expect((await server.round()).told).toMatchObject({ kind: "failed", failure: { code: "forbidden" } });
  expect(server.reads).toHaveLength(1);
  server.refusal = null;
  expect((await server.round()).told).toMatchObject({ kind: "answered" });
  expect(server.reads.at(-1)?.log.next).toBe(9);
});

test("the deadlines of a job are the newest that were told, also where they move without a revision", async ({
  expect,
}) => {
  const server = new Server();
  await server.round();
  const deadlines = [{ name: "inactivity", at: t0 + 900_000 }];
  server.change([{ ...makeJob(), deadlines }]);
  expect((await server.round()).asked).toEqual([""]);
  expect(server.reads.at(-1)?.job).toMatchObject({ id: "e_1-coder", deadlines });
});

describe("where the name was used again after its retention, the log begins anew,", () => {
  function reuse(server: Server, newest: number): void {
    server.change([{ ...makeJob({ revision: 9 }), startedAt: server.clock + 1_000 }], newest);
    server.clock += 2_000;
    server.text = "of the second";
  }
  function textsOf(server: Server): ReadonlySet<unknown> {
    const { log } = server.reads.at(-1) ?? {};
    return new Set(log?.entries.map((entry) => entry.kind === "event" && entry.event["text"]));
  }

  for (const newest of [2, 3, 9]) {
    test(`with ${newest} events in place of 3`, async ({ expect }) => {
      const server = new Server();
      await server.round();
      reuse(server, newest);
      expect((await server.round()).asked).toContain("/events?after=0");
      expect(server.reads.at(-1)?.log).toMatchObject({ next: newest, newest });
      expect(textsOf(server)).toEqual(new Set(["of the second"]));
    });
  }

  test("also where it was seen to be gone in between", async ({ expect }) => {
    const server = new Server();
    await server.round();
    server.refusal = { of: /^/, body: { error: "gone", code: "execution-not-found", requestId: "r" } };
    expect((await server.round()).told).toMatchObject({ kind: "failed" });
    server.refusal = null;
    reuse(server, 9);
    await server.round();
    expect(textsOf(server)).toEqual(new Set(["of the second"]));
  });

  test("and where it is shorter, in whatever round its jobs are", async ({ expect }) => {
    const server = new Server();
    await server.round();
    reuse(server, 2);
    server.jobs = server.jobs.map((job) => ({ ...job, round: 2 }));
    await server.round();
    expect(textsOf(server)).toEqual(new Set(["of the second"]));
  });
});

test("another round or another job of the same execution goes on with its log", async ({ expect }) => {
  const server = new Server();
  await server.round();
  const later = { ...makeJob({ revision: 2 }), startedAt: server.clock + 1_000 };
  server.change([{ ...later, round: 2 }], 4);
  expect((await server.round()).asked).toContain("/events?after=3");
  server.change([makeJob(), { ...later, id: "e_1-tester" }], 5);
  expect((await server.round()).asked).toContain("/events?after=4");
});

test("the way of an answer moves no clock", async ({ expect }) => {
  const server = new Server();
  await server.round();
  server.clock += 400;
  server.change();
  await server.round();
  expect(server.reads.at(-1)?.skewMs).toBe(5_000);
  server.clock += 60_000;
  server.change();
  await server.round();
  expect(server.reads.at(-1)?.skewMs).toBe(65_400);
});

test("the job that is shown unasked is the one at work, else the one that waits first, else the last", ({
  expect,
}) => {
  type Live = Parameters<typeof foremost>[0]["jobs"][number];
  const job = (id: string, status: Live["status"]): Live => ({
    id,
    status,
    state: status === "done" ? "done" : "running",
  });
  const of = (...jobs: readonly Live[]) => foremost({ jobs });
  expect(of(job("a", "done"), job("b", "queued"), job("c", "stopping"))).toBe("c");
  expect(of(job("a", "done"), job("b", "queued"), job("c", "queued"))).toBe("b");
  expect(of(job("a", "done"), job("b", "done"))).toBe("b");
  expect(of()).toBeNull();
});
