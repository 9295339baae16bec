import { useEffect, useRef, useState } from "preact/hooks";
import type { Card } from "../../../shared/board.ts";
import { Countdown } from "../components/moments.tsx";
import { plain, toClock } from "../formats.ts";
import { useNow } from "../live/use-now.ts";
import { extendableOf, stopText, urgencyOf } from "./stop-text.ts";
import { extendedUntil, extensions } from "./extension.ts";
import { useExtend } from "./use-extend.ts";

type StopProps = {
  readonly card: Card;
  readonly deadline: NonNullable<Card["deadline"]>;
  readonly skewMs: number;
  readonly onChange: () => void;
};

/** What stops the job next, how long until then, and a way to move that. */
export function Stop({ card, deadline, skewMs, onChange }: StopProps) {
  const [isChoosing, setChoosing] = useState(false);
  const { extend, isUnderWay, refusal, movedTo } = useExtend(card, onChange);
  const opener = useRef<HTMLButtonElement>(null);
  const choices = useRef<HTMLFieldSetElement>(null);
  useEffect(() => {
    if (isChoosing) choices.current?.querySelector("button")?.focus();
  }, [isChoosing]);
  const close = (): void => {
    setChoosing(false);
    opener.current?.focus();
  };
  const now = useNow() + skewMs;
  const at = Math.max(deadline.at, movedTo ?? 0);
  const { before, unless } = stopText(deadline);
  const name = extendableOf(deadline);
  const latest = refusal?.latest ?? null;
  const urgency = urgencyOf({ at }, now);
  return (
    <div class="stop" data-urgency={urgency}>
      <p class="stop-when" title={`${plain(deadline.why, 500)} (${toClock(at - skewMs, now - skewMs)})`}>
        {urgency === "due" ? (
          <>Is due: {before.toLowerCase().replace(/ in$/, "")}</>
        ) : (
          <>
            {before} <Countdown at={at} skewMs={skewMs} />
          </>
        )}
        <span class="stop-unless">{unless}</span>
      </p>
      {name !== null && (
        <button
          ref={opener}
          type="button"
          class="button stop-extend"
          aria-expanded={isChoosing}
          aria-label={`Extend ${plain(card.title, 100)}`}
          onClick={() => setChoosing(!isChoosing)}
        >
          Extend
        </button>
      )}
      {isChoosing && name !== null && (
        <fieldset
          ref={choices}
          class="stop-choices"
          onKeyDown={(event) => {
            if (event.key === "Escape") close();
          }}
        >
          <legend class="said">Extend the deadline {name} by</legend>
          {extensions.map(({ label, byMs }) => (
            <button
              key={label}
              type="button"
              class="button"
              disabled={isUnderWay}
              onClick={async () => {
                if (await extend(name, extendedUntil(at, now, byMs))) close();
              }}
            >
              <span class="said">Extend by </span>
              {label}
            </button>
          ))}
          {latest !== null && latest > at && (
            <button
              type="button"
              class="button"
              disabled={isUnderWay}
              onClick={async () => {
                if (await extend(name, latest)) close();
              }}
            >
              Until {toClock(latest - skewMs, now - skewMs)}
            </button>
          )}
        </fieldset>
      )}
      {refusal !== null && (
        <p class="complaint stop-refusal" role="alert">
          {refusal.latest === null ? (
            plain(refusal.error, 500)
          ) : (
            <>It can be moved to {toClock(refusal.latest - skewMs, now - skewMs)} at most</>
          )}
        </p>
      )}
    </div>
  );
}
