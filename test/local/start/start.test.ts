import { once } from "node:events";
import { readFile, stat } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { test } from "vitest";
import { JobView } from "../../../shared/job-view.ts";
import { makePlace } from "./start-program.ts";

/** Whole starts, beside whatever else the machine is doing. */
const timeout = 120_000;

test(
  "a start with --once shows one real execution, ends with its view, and leaves nothing running",
  { timeout },
  async ({ expect }) => {
    await using place = await makePlace();
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const taken = portOf(other);
    // A key in the environment chooses no model.
    const first = place.start(["--once", `--port=${taken}`], { OPENAI_API_KEY: "sk-none" });
    await first.line(/^Model {4}scripted: .*no model is involved$/);
    const address = (await first.line(/^Address /)).replace(/^Address +/, "");
    const token = (await first.line(/^Token /)).replace(/^Token +/, "");
    await first.line(/^Board /);
    expect(first.lines).toContain(`Board    ${address}/?board=main#token=${token}`);

    expect(Number(new URL(address).port)).toBeGreaterThan(taken);
    const second = place.start(["--once"]);
    expect(await second.ended).toEqual({ code: 2, signal: null });
    expect(second.lines.join("\n")).toContain(`already runs at ${address} on this state`);

    expect(await first.ended).toEqual({ code: 0, signal: null });
    const view = JobView.parse(JSON.parse(first.lines.at(-1) ?? ""));
    expect(view.labels).toMatchObject({ title: expect.stringMatching(/an hour/) });
    expect(view).toMatchObject({ state: "done", attempt: 1, gaps: [], result: { pushed: true } });
    expect(view.spans?.map(({ tool, ok }) => `${tool} ${ok}`)).toEqual([
      "bash false",
      "read true",
      "edit true",
      "bash true",
      "bash true",
    ]);
    const shown = first.lines.filter((line) => / s {2}(?:phase|tool) /.test(line));
    expect(shown.map((line) => line.replaceAll(/ +/g, " ").replaceAll(/[\d.]+ m?s/g, "N"))).toEqual([
      " N phase clone",
      " N phase agent",
      " N tool bash failed N node --test",
      " N tool read ok N src/duration.js",
      " N tool edit ok N src/duration.js",
      " N tool bash ok N node --test",
      expect.stringContaining(" N tool bash ok N git add"),
      " N phase saving",
      " N phase push",
    ]);
    expect(first.lines).toContain(`Pull     ${view.result?.prUrl}`);
    const measured = first.lines.find((line) => line.startsWith("Metrics  "));
    expect(measured).toMatch(/start .* · accepted .* · working .* · first-output .* · outcome /);
    const file = join(place.stateDir, "metrics.jsonl");
    const points = (await readFile(file, "utf8")).trim().split("\n");
    expect(points.map((point) => JSON.parse(point).metric)).toContain("outcome");
    // No terminal, no colours.
    expect(first.lines.join("")).not.toContain("\u001B");
    other.close();
    expect(await place.remains()).toEqual([]);
    const mode = async (path: string): Promise<number> =>
      (await stat(join(place.stateDir, path))).mode & 0o777;
    expect([await mode("."), await mode("secrets.json"), await mode("metrics.jsonl")]).toEqual([
      0o700, 0o600, 0o600,
    ]);
  },
);

test(
  "Ctrl-C in the middle of an execution, and again while serving, leaves nothing but the state",
  { timeout },
  async ({ expect }) => {
    await using place = await makePlace();
    const interrupted = place.start();
    await interrupted.line(/ s {2}phase +agent/);
    interrupted.signal("SIGINT");
    expect(await interrupted.ended).toEqual({ code: 130, signal: null });
    expect(await place.remains()).toEqual([]);
    const token = await readFile(join(place.stateDir, "secrets.json"), "utf8");

    // The same state, with an execution in it that never ended.
    const serving = place.start();
    await serving.line(/^Serving at /);
    serving.signal("SIGINT");
    expect(await serving.ended).toEqual({ code: 130, signal: null });
    expect(serving.lines).toContainEqual(expect.stringMatching(/ s {2}ended +done$/));
    expect(await readFile(join(place.stateDir, "secrets.json"), "utf8")).toBe(token);
    expect(await place.remains()).toEqual([]);
  },
);

test(
  "a load ends with a table of what came of it, and an interrupted one leaves nothing but the state",
  // Two starts with several jobs each.
  { timeout: 3 * timeout },
  async ({ expect }) => {
    await using place = await makePlace();
    const whole = place.start(["--load", "3", "--once", "--no-open"]);
    expect(await whole.ended).toEqual({ code: 0, signal: null });
    const table = whole.lines.slice(whole.lines.findIndex((line) => line.includes("expected")) + 1);
    expect(table.slice(0, 3).map((line) => line.replaceAll(/ +/g, " "))).toEqual([
      "✓ 1 fixed done done",
      "✓ 1 slow running running, then cancelled",
      "✓ 1 nothing-changed result-error result-error",
    ]);
    expect(whole.lines.at(-1)).toMatch(/^3 jobs in \d+ s: all as their fates say\.$/);
    expect(await place.remains()).toEqual([]);

    const interrupted = place.start(["--load", "3"]);
    await interrupted.line(/ s {2}running .* slow$/);
    interrupted.signal("SIGINT");
    expect(await interrupted.ended).toEqual({ code: 130, signal: null });
    expect(await place.remains()).toEqual([]);
  },
);

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return address.port;
}
