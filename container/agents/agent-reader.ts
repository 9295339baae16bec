/** From the bytes an agent prints to its events, and to what they add up to. */

import { createLineSplitter } from "../process/line-splitter.ts";
import type { Agent, AgentEvent } from "./agent.ts";
import { type Transcript, addToTranscript, emptyTranscript } from "./transcript.ts";

export type AgentReader = {
  /** Takes the next bytes of standard output, cut anywhere. */
  readonly write: (chunk: Uint8Array) => void;
  /** Says that no more will come; to be called once. Events that no further line confirms are told before it returns. */
  readonly end: () => AgentReading;
};

export type AgentReading = {
  readonly transcript: Transcript;
  /** How many lines were no events. */
  readonly noiseLines: number;
  /** How many lines were longer than 8 MiB and not read. */
  readonly overlongLines: number;
};

export type AgentReaderOptions = {
  /** Called in the order of the stream, with texts unredacted and uncut. */
  readonly onEvent?: (event: AgentEvent) => void;
  /** A line that is no event. */
  readonly onNoise?: (line: string) => void;
};

/** The longest record that is read; longer ones repeat what shorter ones have said. */
const maxRecordBytes = 8 * 1024 * 1024;

/** Reads one run of an agent. It holds one record at most and never throws for what it is given. */
export function createAgentReader(agent: Agent, options: AgentReaderOptions = {}): AgentReader {
  const parser = agent.createParser();
  let transcript = emptyTranscript;
  let noiseLines = 0;
  let overlongLines = 0;
  const take = (event: AgentEvent): void => {
    transcript = addToTranscript(transcript, event);
    options.onEvent?.(event);
  };
  const read = (line: string): void => {
    const record = line.trim();
    if (record === "") return;
    const events = isObject(record) ? parser.read(record) : null;
    if (events !== null) return events.forEach(take);
    noiseLines += 1;
    options.onNoise?.(line);
  };
  const records = createLineSplitter({
    maxLineBytes: maxRecordBytes,
    headBytes: 0,
    ...(parser.isRead !== undefined && { isWanted: parser.isRead }),
    onLine: read,
    onOverlong: () => (overlongLines += 1),
  });
  return {
    write: records.write,
    end: () => {
      records.end();
      parser.end().forEach(take);
      return { transcript, noiseLines, overlongLines };
    },
  };
}

/** All agents print one JSON object a line; what is none need not be tried, which for a flood of it would take long. */
function isObject(record: string): boolean {
  return record.startsWith("{") && record.endsWith("}");
}
