// Every command of /docs, as its page shows it, run against a real Worker whose harness is a puppet: nothing leaves the
// machine, and a job is at work for as long as it is looked at.
import { afterAll, beforeAll, test } from "vitest";
import * as z from "zod";
import { verifyBundle } from "../../../shared/bundle.ts";
import { type EndpointId, Endpoints } from "../../../shared/endpoints.ts";
import { ExecutionEvent } from "../../../shared/events.ts";
import { type Exchange, Exchanges } from "../../../shared/exchanges.ts";
import { sha256 } from "../../shared/openapi/sha256.ts";
import { openPuppetWorld, type PuppetWorld } from "../puppet/puppet.ts";
import { shapeUnlike } from "./likeness.ts";
import { openShell, type Ran, type Shell } from "./shell.ts";

let world: PuppetWorld;
let shell: Shell;
let samples: Readonly<Record<string, readonly string[]>>;
beforeAll(async () => {
  world = await openPuppetWorld();
  shell = await openShell({
    HOLT_URL: world.url,
    HOLT_TOKEN: world.secrets.token,
    GITHUB_TOKEN: world.secrets.git,
    OPENAI_API_KEY: world.secrets.model,
  });
  const description = Description.parse(await (await world.fetch("/openapi.json")).json());
  samples = Object.fromEntries(
    Object.values(description.paths)
      .flatMap((methods) => Object.values(methods))
      .map((operation) => [operation.operationId, operation["x-codeSamples"].map(({ source }) => source)]),
  );
  const page = await (await world.fetch("/docs")).text();
  const shown = [...page.matchAll(/<pre [^>]*><code>(curl [^<]*)<\/code>/g)].map(([, text = ""]) =>
    unescaped(text),
  );
  if (Object.values(samples).flat().toSorted().join() !== shown.toSorted().join()) {
    throw new Error("the page shows other commands than its description has");
  }
});
afterAll(async () => {
  await shell.close();
  await world.close();
});

const Description = z.looseObject({
  paths: z.record(
    z.string(),
    z.record(
      z.string(),
      z.looseObject({
        operationId: z.string(),
        "x-codeSamples": z.array(z.looseObject({ source: z.string() })),
      }),
    ),
  ),
});
const Operations = z.looseObject({
  paths: z.record(
    z.string(),
    z.record(
      z.string(),
      z.looseObject({
        responses: z.record(
          z.string(),
          z.looseObject({
            content: z.record(z.string(), z.looseObject({ example: z.unknown().optional() })).optional(),
          }),
        ),
      }),
    ),
  ),
});

test(
  "each command of the reference is answered as the reference says",
  { timeout: 300_000 },
  async ({ expect }) => {
    const description = Operations.parse(await (await world.fetch("/openapi.json")).json());
    const ran = new Set<string>();
    const run = async (id: EndpointId, which = 0): Promise<Ran> => {
      const command = samples[id]?.[which] ?? "false";
      ran.add(command);
      const answer = await shell.run(command);
      const { status }: Exchange = Exchanges[id];
      const { exitCode, stderr } = answer;
      expect({ id, exitCode, stderr, status: answer.status }).toEqual({
        id,
        exitCode: 0,
        stderr: "",
        status,
      });
      expect(answer.header("x-request-id")).toMatch(/^[\w-]+$/);
      return answer;
    };
    /** In JSON: its schema takes it, and it has what the example has. */
    const asked = async (id: EndpointId, which = 0): Promise<Ran> => {
      const answer = await run(id, which);
      const { answer: schema, status, canBeUnchanged }: Exchange = Exchanges[id];
      const value: unknown = schema?.parse(JSON.parse(answer.stdout));
      const row = Endpoints.find((endpoint) => endpoint.id === id);
      const operation = description.paths[row?.path ?? ""]?.[row?.method.toLowerCase() ?? ""];
      const example = operation?.responses[status]?.content?.["application/json"]?.example;
      expect({ id, unlike: shapeUnlike(example, value) }).toEqual({ id, unlike: [] });
      expect(answer.header("content-type")).toMatch(/^application\/json/);
      expect(answer.header("etag") !== null).toBe(canBeUnchanged === true);
      return answer;
    };

    for (const id of ["health", "root", "openapi"] as const) await asked(id);
    await run("docs");
    await asked("dispatch-job");
    await asked("dispatch");
    for (const jobId of ["exec_4f2-fix", "exec_7a1-fix"]) {
      const puppet = await world.puppetOf(jobId);
      await puppet.post(puppet.beat({ outputAgeMs: 100, toolAgeMs: 100, progress, events }));
    }
    for (const which of [0, 1, 2]) await asked("job", which);
    for (const which of [0, 1]) await asked("read-job", which);
    await asked("execution");
    await asked("events");
    for (const which of [0, 1]) await asked("board", which);
    await asked("extend");
    const bundled = await run("bundle");
    const lines = (await bundled.file("exec_4f2.ndjson")).trimEnd().split("\n");
    expect(await verifyBundle(lines, { sha256 })).toMatchObject({
      ok: true,
      executionId: "exec_4f2",
      jobs: 1,
    });
    await asked("cancel");
    await asked("stop-job");
    await asked("release");
    const stream = await run("events", 1);
    const streamed = [...stream.stdout.matchAll(/^data: (.+)$/gm)].map(([, data = ""]) =>
      ExecutionEvent.parse(JSON.parse(data)),
    );
    expect(streamed[0]).toMatchObject({ cursor: 1, kind: "dispatched", jobId: "exec_4f2-fix" });
    expect(stream.stdout).toMatch(/^retry: \d+\n\nid: 1\nevent: dispatched\ndata: /);
    expect([...ran].toSorted()).toEqual(Object.values(samples).flat().toSorted());
  },
);

const progress = { completed: 1, inProgress: 0, total: 1, items: [{ label: "Look", status: "completed" }] };
const events = [
  { seq: 1, at: 1, kind: "progress", progress },
  { seq: 2, at: 1, kind: "output", stream: "agent", text: "looked\n" },
  { seq: 3, at: 1, kind: "tool-end", tool: "bash", callId: "c1", ok: true, durationMs: 5 },
  {
    seq: 4,
    at: 1,
    kind: "usage",
    model: "gpt-5",
    inputTokens: 1,
    cacheReadTokens: 1,
    cacheWriteTokens: 0,
    outputTokens: 1,
  },
];

function unescaped(text: string): string {
  return text
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&amp;", "&");
}
