import type { EngineContainer } from "../../../local/engine/engine.ts";
import type { Stage } from "./stage.ts";

const WITHIN_MS = 120_000;

/** The container as it was when it had ended. */
export async function endOf(
  { world }: Pick<Stage, "world">,
  { id }: EngineContainer,
): Promise<EngineContainer> {
  const { engine } = world.standIns;
  const find = (all: readonly EngineContainer[]): EngineContainer | undefined =>
    all.find((each) => each.id === id && (each.state === "exited" || each.state === "removed"));
  await engine.waitFor((all) => find(all) !== undefined, WITHIN_MS);
  const found = find(engine.containers());
  if (found === undefined) throw new Error(`container ${id} is not known any more`);
  return found;
}
