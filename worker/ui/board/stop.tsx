import type { Card } from "../../../shared/board.ts";
import { Extend } from "../deadline/extend.tsx";
import { extendableOf, stopText, urgencyOf } from "../deadline/stop-text.ts";
import { Until } from "../deadline/until.tsx";
import { useExtend } from "../deadline/use-extend.ts";
import { plain, toClock } from "../formats.ts";
import { useNow } from "../live/use-now.ts";

type StopProps = {
  readonly card: Card;
  readonly deadline: NonNullable<Card["deadline"]>;
  readonly skewMs: number;
  readonly onChange: () => void;
};

/** What stops the job next, how long until then, and a way to move that. */
export function Stop({ card, deadline, skewMs, onChange }: StopProps) {
  const { executionId, jobId, revision } = card;
  const extending = useExtend({ executionId, jobId, revision, name: deadline.name }, onChange);
  const now = useNow() + skewMs;
  const at = Math.max(deadline.at, extending.movedTo ?? 0);
  const name = extendableOf(deadline);
  const urgency = urgencyOf({ at }, now);
  return (
    <div class="stop" data-urgency={urgency}>
      <p class="stop-when" title={`${plain(deadline.why, 500)} (${toClock(at - skewMs, now - skewMs)})`}>
        <Until deadline={deadline} at={at} skewMs={skewMs} />
        <span class="stop-unless">{stopText(deadline).unless}</span>
      </p>
      {name !== null && (
        <Extend name={name} at={at} of={plain(card.title, 100)} skewMs={skewMs} extending={extending} />
      )}
    </div>
  );
}
