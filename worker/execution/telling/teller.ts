import type { ErrorCode } from "../../../shared/errors.ts";
import type { Log, LogLine, Metrics } from "../../ports.ts";
import { linesOf } from "./lines.ts";
import { measure } from "./measure.ts";
import { makePoint } from "./point.ts";
import type { Turned } from "./turned.ts";

/** Where an execution's log and metrics are fed: nothing of it waits, and nothing of it can fail what it tells of. */
export type Teller = {
  /** Once for each turn, right after it was written: never from an effect, which may run again. */
  readonly turned: (turned: Turned) => void;
  /** Beats that were refused: of one instance, with one code. */
  readonly refused: (refusals: {
    readonly instance: string;
    readonly code: ErrorCode;
    readonly count: number;
  }) => void;
};

export function createTeller(
  executionId: string,
  { log, metrics }: { readonly log: Log; readonly metrics: Metrics },
): Teller {
  return {
    turned: (turned) => {
      try {
        writeLines(log, linesOf(turned));
        metrics.write(measure(turned));
      } catch (error) {
        log.write("error", "telling.failed", { error });
      }
    },
    refused: ({ instance, code, count }) => {
      log.child({ instance }).write("warn", "beat.refused", { code, count });
      metrics.write([makePoint("beat-refused", count, { label: code, about: { executionId, instance } })]);
    },
  };
}

function writeLines(log: Log, lines: readonly LogLine[]): void {
  for (const { level, event, about, fields } of lines) log.child(about).write(level, event, fields);
}
