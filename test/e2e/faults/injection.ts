import type { World } from "../world.ts";
import type { Position } from "./position.ts";
import type { Stage } from "./stage.ts";

/** A fault that was injected. */
export type Injection = {
  /** What was seen of it, once the cell has come to its end; throws where it did not happen. */
  readonly evidence: () => Promise<string>;
  /** Ends a fault that lasts as long as its phase; before the phase is let go. */
  readonly end?: () => Promise<void>;
};

/** One execution's fault. */
export type Fault = (stage: Stage, position: Position) => Promise<Injection>;

/** A fault of everything at once: all executions that are held in their phases have it together. */
export type WorldFault = (world: World, held: readonly Held[]) => Promise<Injection>;

export type Held = { readonly stage: Stage; readonly position: Position };

/** Throws where what must be so is not. */
export function demand(isSo: boolean, what: string): asserts isSo {
  if (!isSo) throw new Error(`the fault was not injected: ${what}`);
}
