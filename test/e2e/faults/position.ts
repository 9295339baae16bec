import type { EngineContainer } from "../../../local/engine/engine.ts";

/** An execution that is held in a phase. */
export type Position = {
  /** The one that lives in that phase, whichever job it is for. */
  readonly container: EngineContainer & { readonly pid: number };
  /** Lets go of what holds it. */
  readonly go: () => void;
};
