import { ended } from "./lifecycle-table/ended.ts";
import { waiting } from "./lifecycle-table/waiting.ts";
import { working } from "./lifecycle-table/working.ts";
import type { InputKind, SituationName } from "./situations.ts";

/**
 * What every kind of input does in every situation: the status after it, `+` the effects wanted, `!` the events written;
 * `nothing` means that the very same state came out.
 */
export const lifecycleTable: Readonly<Record<SituationName, Readonly<Record<InputKind, string>>>> = {
  ...waiting,
  ...working,
  ...ended,
};
