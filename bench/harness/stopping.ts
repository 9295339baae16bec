/** How long it takes from a stop until nothing of the job is left, processes that left its group included. */

import { findLeftOver } from "../../container/process/left-over.ts";
import { type Stand, openStand } from "../pieces/stand.ts";
import { type Row, told } from "../pieces/table.ts";

export async function measureStopping(): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const isStubborn of [false, true]) {
    const stand = await openStand();
    try {
      await stand.dispatch("stay", [{ kind: "stay", isStubborn }]);
      while ((await count(stand)) < 4) await new Promise((resolve) => setTimeout(resolve, 50));
      const stoppedAt = performance.now();
      await stand.stop("stay");
      while ((await count(stand)) > 0) await new Promise((resolve) => setTimeout(resolve, 5));
      const what = isStubborn ? "an agent that ignores SIGTERM for its 5 s" : "an agent that heeds SIGTERM";
      rows.push(told(`from stop to no survivors, ${what}`, performance.now() - stoppedAt, " ms"));
    } finally {
      await stand.close();
    }
  }
  return rows;
}

/** Processes that name the stand's folder, as the harness does that works in it. */
async function count({ tmpDir, harness }: Stand): Promise<number> {
  const found = await findLeftOver({ folders: [tmpDir], sessions: [], exceptSessions: () => [] });
  return found.filter(({ pid }) => pid !== harness.pid).length;
}
