import type { EngineContainer } from "../../../local/engine/engine.ts";
import type { Stage } from "./stage.ts";

const WITHIN_MS = 60_000;

/** Whether the end of this container is asked for once more, as every new incarnation of its object does. */
export async function watchedAgain(
  { world }: Pick<Stage, "world">,
  { id, watched }: EngineContainer,
): Promise<boolean> {
  const isSo = (all: readonly EngineContainer[]): boolean =>
    all.some((each) => each.id === id && each.watched > watched);
  return world.standIns.engine.waitFor(isSo, WITHIN_MS).then(
    () => true,
    () => false,
  );
}
