import type { Card } from "../../../shared/board.ts";
import { toAge, toMoment } from "../formats.ts";
import { useNow } from "../live/use-now.ts";

const names = [
  { name: "process", word: "Process", means: "The harness in the container was heard" },
  { name: "output", word: "Output", means: "The agent printed something" },
  { name: "tool", word: "Tool", means: "A tool call was finished" },
] as const;

/** The three signs of life with their ages: who beats is alive, who prints works, whose tools end gets somewhere. */
export function Signals({ signals, skewMs }: { readonly signals: Card["signals"]; readonly skewMs: number }) {
  const now = useNow() + skewMs;
  return (
    <dl class="signals">
      {names.map(({ name, word, means }) => {
        const at = signals[name];
        return (
          <div key={name} title={at === null ? `${means}: not yet` : `${means}: ${toMoment(at - skewMs)}`}>
            <dt>{word}</dt>
            <dd class="number">{at === null ? "–" : toAge(now - at)}</dd>
          </div>
        );
      })}
    </dl>
  );
}
