// The log of a real execution over HTTP: as a stream that is cut and taken up again, and as a bundle.
import { createHash } from "node:crypto";
import { afterAll, beforeAll, test, vi } from "vitest";
import { fixFailingTest } from "../../local/model/fix-failing-test.ts";
import { verifyBundle } from "../../shared/bundle.ts";
import { ExecutionEvent } from "../../shared/events.ts";
import { openWorld, type World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

test("a stream that is cut and taken up again brings the log of a real job, each event once", async ({
  expect,
}) => {
  const body = world.job("exec_streamed", fixFailingTest);
  await world.dispatch(body);
  const first = await follow("exec_streamed", null, (events) => events.some(({ kind }) => kind === "output"));
  const lastId = first.at(-1)?.cursor ?? 0;
  const rest = await follow("exec_streamed", lastId, (events) =>
    events.some(({ kind }) => kind === "terminal"),
  );
  const seen = [...first, ...rest];
  const log = await world.events(body.jobId);
  expect(log.slice(0, seen.length)).toEqual(seen);
  expect(log[seen.length - 1]).toMatchObject({ cursor: seen.length });
  expect(first.length).toBeGreaterThan(0);
  expect(rest.length).toBeGreaterThan(0);
  // The first was left while its job was busy: the next write found nobody, and the Worker has heard of it.
  await vi.waitFor(() => {
    const ends = world.workerLog().filter((line) => line.includes('"stream.ended"'));
    expect(ends.some((line) => line.includes('"aborted":true'))).toBe(true);
  }, 10_000);
});

test("a real execution is exported with hashes that hold, its end's among them", async ({ expect }) => {
  const body = world.job("exec_bundled", fixFailingTest);
  await world.dispatch(body);
  const { bundle, state } = await world.ended(body.jobId);
  expect(state).toBe("done");
  if (bundle === undefined) throw new Error("the view of an end names no head");
  const response = await world.fetch("/v1/executions/exec_bundled/bundle");
  expect(response.headers.get("content-type")).toBe("application/x-ndjson; charset=utf-8");
  const lines = (await response.text()).trimEnd().split("\n");
  const report = await verifyBundle(lines, { sha256, expected: [bundle] });
  expect(report).toMatchObject({ ok: true, executionId: "exec_bundled", gaps: 0, jobs: 1 });
  const changed = lines.map((line) => line.replace('"kind":"phase"', '"kind":"Phase"'));
  expect(await verifyBundle(changed, { sha256 })).toMatchObject({ ok: false });
});

/** Events of one connection, from after an id until it is so; then the client leaves. */
async function follow(
  executionId: string,
  lastId: number | null,
  isEnough: (events: readonly ExecutionEvent[]) => boolean,
): Promise<readonly ExecutionEvent[]> {
  const leaving = new AbortController();
  const response = await world.fetch(`/v1/executions/${executionId}/events`, {
    headers: { accept: "text/event-stream", ...(lastId !== null && { "last-event-id": String(lastId) }) },
    signal: leaving.signal,
  });
  if (response.body === null || !response.ok) throw new Error(`no stream: ${response.status}`);
  let text = "";
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const events = eventsIn(text);
    if (!isEnough(events)) continue;
    leaving.abort();
    return events;
  }
  throw new Error(`the stream ended before it was enough: ${text.slice(-500)}`);
}

/** The whole frames of a stream; each names its event's cursor and kind beside its JSON. */
function eventsIn(text: string): readonly ExecutionEvent[] {
  return [...text.matchAll(/^id: (\d+)\nevent: (.+)\ndata: (.+)\n\n/gm)].map(([, id, kind, data = ""]) => {
    const event = ExecutionEvent.parse(JSON.parse(data));
    if (String(event.cursor) !== id || event.kind !== kind) throw new Error(`a frame disagrees: ${data}`);
    return event;
  });
}

function sha256(text: string): Promise<string> {
  return Promise.resolve(createHash("sha256").update(text, "utf8").digest("hex"));
}
