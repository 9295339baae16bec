import type { World } from "../world.ts";
import { violationsOf } from "./checks.ts";
import { faults } from "./injected/faults.ts";
import { demand, type Held, type Injection } from "./injection.ts";
import type { Life } from "./live-containers.ts";
import { expectedOf, type FaultName, type PhaseName } from "./matrix.ts";
import { describeEnd, describeExpected, observe } from "./observation.ts";
import { holds } from "./phases/holds.ts";
import { phases } from "./phases/phases.ts";
import { openStage, type Stage } from "./stage.ts";

export type Cell = { readonly fault: FaultName; readonly phase: PhaseName };

export type CellReport = Cell & {
  readonly end: string;
  readonly evidence: string;
  readonly violations: readonly string[];
  readonly verdictMs: number | null;
  readonly seconds: number;
};

export type Surroundings = {
  readonly world: World;
  readonly scale: number;
  readonly lives: () => readonly Life[];
};

/** One execution, held in its phase, that has its fault by itself. */
export async function runCell(cell: Cell, around: Surroundings): Promise<CellReport> {
  const fault = faults[cell.fault];
  return judged(cell, around, async (stage) => {
    const position = await phases[cell.phase](stage);
    const injectedAt = Date.now();
    const injection =
      fault.of === "execution"
        ? await fault.inject(stage, position)
        : await fault.inject(around.world, [{ stage, position }]);
    return { injectedAt, injection, held: { stage, position } };
  });
}

/** Executions that are held in their phases together, for a fault of everything at once. */
export async function runTogether(
  cells: readonly Cell[],
  around: Surroundings,
): Promise<readonly CellReport[]> {
  const [first] = cells;
  const fault = first === undefined ? undefined : faults[first.fault];
  if (fault?.of !== "world") throw new Error("these cells have their faults one by one");
  const held: Held[] = [];
  const settled = Promise.withResolvers<{ readonly injectedAt: number; readonly injection: Injection }>();
  let arrived = 0;
  const arrive = async (): Promise<void> => {
    arrived += 1;
    if (arrived < cells.length) return;
    try {
      for (const { stage } of held) await demandHeld(stage);
      const injectedAt = Date.now();
      settled.resolve({ injectedAt, injection: await fault.inject(around.world, held) });
    } catch (error) {
      settled.reject(error);
    }
  };
  return Promise.all(
    cells.map((cell) =>
      judged(cell, around, async (stage) => {
        try {
          held.push({ stage, position: await phases[cell.phase](stage) });
        } finally {
          void arrive();
        }
        const own = held.find((each) => each.stage === stage);
        if (own === undefined) throw new Error("the phase was not reached");
        return { ...(await settled.promise), held: own };
      }),
    ),
  );
}

/** The slowest has reached its phase; the first must still be in its own. */
async function demandHeld(stage: Stage): Promise<void> {
  const view = await stage.view();
  demand(
    holds[stage.phase](view),
    `the job is no longer in the phase ${stage.phase}: ${JSON.stringify(view)}`,
  );
}

type Injected = { readonly injectedAt: number; readonly injection: Injection; readonly held: Held };

async function judged(
  cell: Cell,
  { world, scale, lives }: Surroundings,
  inject: (stage: Stage) => Promise<Injected>,
): Promise<CellReport> {
  const startedAt = performance.now();
  const seconds = (): number => (performance.now() - startedAt) / 1_000;
  const stage = await openStage(world, { ...cell, scale, isTogether: faults[cell.fault].of === "world" });
  try {
    const { injectedAt, injection, held } = await inject(stage);
    await injection.end?.();
    held.position.go();
    const seen = await observe(stage, injectedAt);
    const end = describeEnd(seen);
    const expected = describeExpected(expectedOf(cell.fault, cell.phase));
    const wrong = expected.includes(end)
      ? []
      : [`ended as "${end}", expected "${expected.join('" or "')}": ${seen.view.error ?? "no error"}`];
    const broken = await violationsOf(stage, seen, { injectedAt, lives: lives() });
    const evidence = await injection.evidence();
    const violations = [...wrong, ...broken];
    return { ...cell, end, evidence, violations, verdictMs: seen.verdictMs, seconds: seconds() };
  } catch (error) {
    const violations = [error instanceof Error ? error.message : String(error)];
    return { ...cell, end: "unknown", evidence: "none", violations, verdictMs: null, seconds: seconds() };
  } finally {
    await stage.close();
  }
}
