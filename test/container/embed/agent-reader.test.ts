import { readFileSync, readdirSync } from "node:fs";
import { test } from "vitest";
import { type AgentEvent, createAgentReader, drivers } from "../../../container/embed.ts";

const fixtures = new URL("../fixtures/", import.meta.url);

/** What a recorded run of the real program printed. */
function recording(kind: string): Buffer {
  const folder = new URL(`${kind}/`, fixtures);
  const name = readdirSync(folder).find((file) => file.endsWith("-fix-failing-test.jsonl")) ?? "";
  const bytes = readFileSync(new URL(name, folder));
  // the first line says what was recorded
  return bytes.subarray(bytes.indexOf("\n") + 1);
}

for (const kind of ["pi", "claude-code", "codex"] as const) {
  const read = (pieces: Iterable<Uint8Array>) => {
    const events: AgentEvent[] = [];
    const reader = createAgentReader(drivers[kind], { onEvent: (event) => void events.push(event) });
    for (const piece of pieces) reader.write(piece);
    return { events, ...reader.end() };
  };

  test(`a recorded run of ${kind} is read into events, tokens and a summary`, ({ expect }) => {
    const { events, transcript, noiseLines, overlongLines } = read([recording(kind)]);
    expect(transcript).toMatchObject({ isSettled: true, modelError: null, isFinalEmpty: false });
    expect(transcript.summary).toContain("was red and is green");
    expect(transcript.usage.inputTokens).toBeGreaterThan(0);
    expect(transcript.usage.outputTokens).toBeGreaterThan(0);
    const ends = events.filter((event) => event.kind === "tool-end");
    expect(ends.some(({ ok }) => !ok)).toBe(true);
    expect(transcript.toolCalls).toBe(ends.length);
    expect(events.filter(({ kind: what }) => what === "progress").length).toBeGreaterThan(0);
    expect([noiseLines, overlongLines]).toEqual([0, 0]);
  });

  test(`a run of ${kind} reads the same in pieces of any size`, ({ expect }) => {
    const bytes = recording(kind);
    const whole = read([bytes]);
    for (const size of [1, 7, 4_096]) {
      const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
        bytes.subarray(index * size, (index + 1) * size),
      );
      expect(read(pieces)).toEqual(whole);
    }
  });
}

test("lines that are no events are counted and told, and end nothing", ({ expect }) => {
  const noise: string[] = [];
  const reader = createAgentReader(drivers.pi, { onNoise: (line) => void noise.push(line) });
  reader.write(Buffer.from('warning: old\n{"type":"agent_settled"}\n{broken}\n'));
  expect(reader.end()).toMatchObject({ noiseLines: 2, transcript: { isSettled: true } });
  expect(noise).toEqual(["warning: old", "{broken}"]);
});
