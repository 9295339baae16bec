/** How many polls of a job a second are answered, at rest and under flood, beside an empty server with the same answer. */

import { countAnswers } from "../pieces/load.ts";
import { emptyServer, startProcess } from "../pieces/real-harness.ts";
import { type Stand, openStand } from "../pieces/stand.ts";
import { type Row, atLeast, median, told } from "../pieces/table.ts";

export async function measurePolls(): Promise<readonly Row[]> {
  const stand = await openStand();
  try {
    await stand.dispatch("ended", []);
    const view = JSON.stringify(await stand.ended("ended"));
    const empty = await startProcess({ args: [emptyServer], env: { BODY: view } });
    const poll = (): Promise<number> => countAnswers(`${stand.harness.url}/jobs/ended`);
    const base = (): Promise<number> => countAnswers(`${empty.url}/jobs/ended`);
    const ratios: number[] = [];
    // the first rounds warm both up
    for (let round = 0; round < 5; round += 1) ratios.push((await poll()) / (await base()));
    const restRatio = median(ratios.slice(2));
    await flood(stand);
    const flooded = await poll();
    await stand.stop("flood");
    await stand.ended("flood");
    const ofEmpty = await base();
    await empty.end();
    return [
      atLeast("polls a second against that server", restRatio, 0.3, " ×"),
      atLeast("the same under flood", flooded / ofEmpty, 0.15, " ×"),
      told("polls a second under flood", flooded, ""),
    ];
  } finally {
    await stand.close();
  }
}

async function flood(stand: Stand): Promise<void> {
  await stand.dispatch("flood", [{ kind: "records", bytes: 2 ** 40, recordBytes: 64 * 1024 }]);
  while ((await stand.read("/jobs/flood"))["phase"] !== "agent")
    await new Promise((resolve) => setTimeout(resolve, 20));
}
