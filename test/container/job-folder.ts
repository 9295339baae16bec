import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { onTestFinished } from "vitest";
import { findLeftOver, killLeftOver } from "../../container/process/left-over.ts";
import type { Clock } from "../../container/ports.ts";

export const realClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) => sleep(ms, undefined, signal === undefined ? {} : { signal }),
};

/** A folder of its own for one test; what still runs in it ends with the test. */
export async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "holt-test-"));
  onTestFinished(async () => {
    await killLeftOver({ folders: [folder], sessions: [], exceptSessions: () => [] }, realClock);
    await rm(folder, { recursive: true, force: true });
  });
  return folder;
}

/** What runs for a folder, by name. */
export async function namesOfProcessesIn(folder: string): Promise<string[]> {
  const found = await findLeftOver({ folders: [folder], sessions: [], exceptSessions: () => [] });
  return found.map(({ name }) => name).toSorted();
}

export function fixtureProgram(name: string): string {
  return new URL(`fixtures/programs/${name}`, import.meta.url).pathname;
}
