/** Start and idle memory of a harness beside an empty server, one after the other so that a busy machine is fair to both. */

import { type StartProcess, emptyServer, harnessProgram, startProcess } from "../pieces/real-harness.ts";
import { type Row, atMost, median, told } from "../pieces/table.ts";

const rounds = 9;

export async function measureStartUp(): Promise<readonly Row[]> {
  const env = { HARNESS_INSTANCE: "instance-0001" };
  const measure = async (start: StartProcess) => {
    const server = await startProcess(start);
    await new Promise((resolve) => setTimeout(resolve, 500));
    const { residentBytes } = await server.memory();
    await server.end();
    return { startMs: server.startMs, mebibytes: residentBytes / 1024 / 1024 };
  };
  const pairs: Array<{ readonly ours: Measured; readonly empty: Measured }> = [];
  for (let round = 0; round <= rounds; round += 1) {
    const empty = await measure({ args: [emptyServer], env });
    const ours = await measure({ args: [harnessProgram], env });
    // the first round fills what is kept of compiled modules
    if (round > 0) pairs.push({ ours, empty });
  }
  const of = (side: "ours" | "empty", what: keyof Measured): number =>
    median(pairs.map((pair) => pair[side][what]));
  return [
    atMost("start-up against an empty server", of("ours", "startMs") / of("empty", "startMs"), 1.5, " ×"),
    told("start-up", of("ours", "startMs"), " ms"),
    atMost(
      "idle memory against an empty server",
      of("ours", "mebibytes") / of("empty", "mebibytes"),
      1.25,
      " ×",
    ),
    told("idle memory", of("ours", "mebibytes"), " MiB"),
  ];
}

type Measured = { readonly startMs: number; readonly mebibytes: number };
