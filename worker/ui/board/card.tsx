import type { Card as BoardCard } from "../../../shared/board.ts";
import { Age } from "../components/moments.tsx";
import { Mark, StatusChip } from "../components/status.tsx";
import { plain, toDuration, toWebAddress } from "../formats.ts";
import { useIsPast } from "../live/use-now.ts";
import { memo } from "../memo.tsx";
import { Link, useNavigation } from "../navigation.tsx";
import { keyOf } from "./cards.ts";
import { Ending } from "./ending.tsx";
import { labelOf, labelsOf } from "./filter.ts";
import { doubtfulAt } from "./freshness.ts";
import { Progress } from "./progress.tsx";
import { Signals } from "./signals.tsx";
import { Stop } from "./stop.tsx";
import { toCost } from "./cost.ts";

export type CardProps = {
  readonly card: BoardCard;
  /** How far the server's clock is ahead of this one. */
  readonly skewMs: number;
  /** Something of it was changed from here. */
  readonly onChange: () => void;
};

export const Card = memo(({ card, skewMs, onChange }: CardProps) => {
  const { executionId, jobId, status, outcome, endedAt, attention } = card;
  const doubtful = doubtfulAt(card);
  const isStale = useIsPast(doubtful === null ? null : doubtful - skewMs);
  const title = plain(card.title, 200);
  return (
    <article class="card" aria-label={title} data-key={keyOf(card)} data-stale={isStale}>
      <h3 class="card-title" title={title}>
        <Link to={{ execution: { executionId, jobId } }}>{title}</Link>
      </h3>
      <p class="card-row">
        <StatusChip status={status} hasError={outcome?.code === "result-error"} />
        {endedAt === null && status !== "queued" && card.phase !== status && (
          <span class="quiet">{plain(card.phase, 60)}</span>
        )}
        {endedAt !== null && (
          <span class="quiet">
            <Age at={endedAt} skewMs={skewMs} /> · took {toDuration(endedAt - card.startedAt)}
          </span>
        )}
        {card.attempt > (endedAt === null ? 0 : 1) && <span class="quiet">attempt {card.attempt}</span>}
        {card.recoveries > 0 && (
          <span class="quiet">
            {card.recoveries} {card.recoveries === 1 ? "recovery" : "recoveries"}
          </span>
        )}
      </p>
      {attention !== null && (
        <p class="card-attention">
          <Mark name="alert" />
          {plain(attention.why, 200)}
        </p>
      )}
      {isStale && (
        <p class="card-attention">
          <Mark name="alert" />
          <span>
            Last heard <Age at={card.asOf} skewMs={skewMs} />: what stands here may be over
          </span>
        </p>
      )}
      <About card={card} />
      {card.progress !== null && <Progress progress={card.progress} isOver={endedAt !== null} />}
      {card.queue !== null && (
        <p class="quiet">
          Number {card.queue.position} in the line; {card.queue.live} of {card.queue.max} slots are taken
        </p>
      )}
      {status === "queued" && card.queue === null && card.deadline === null && (
        <p class="quiet">Waits for another job of its execution</p>
      )}
      {endedAt === null && card.attempt > 0 && <Signals signals={card.signals} skewMs={skewMs} />}
      {outcome !== null && outcome.code !== "done" && <Ending outcome={outcome} />}
      {card.deadline !== null && (
        <Stop card={card} deadline={card.deadline} skewMs={skewMs} onChange={onChange} />
      )}
      <Labels card={card} />
      <Foot card={card} />
    </article>
  );
});

function About({ card: { about } }: { readonly card: BoardCard }) {
  if (about === null) return null;
  const branchUrl = toWebAddress(about.branchUrl);
  const agent = [about.agent, about.model].map((text) => plain(text, 200)).filter((text) => text !== "");
  return (
    <dl class="card-about">
      <div class="card-where">
        <dt class="said">Repository</dt>
        <dd class="cut" title={plain(about.repository)}>
          {plain(about.repository)}
        </dd>
        <dt class="said">Branch</dt>
        <dd class="cut mono quiet" title={plain(about.branch)}>
          {branchUrl === null ? (
            plain(about.branch)
          ) : (
            <a class="card-branch" href={branchUrl} rel="noreferrer noopener" target="_blank">
              {plain(about.branch)}
              <span class="said">, in another tab</span>
            </a>
          )}
        </dd>
      </div>
      <div>
        <dt class="said">Agent and model</dt>
        <dd class="cut quiet" title={agent.join(" · ")}>
          {agent.length === 0 ? about.mode : agent.join(" · ")}
        </dd>
      </div>
    </dl>
  );
}

function Labels({ card }: { readonly card: BoardCard }) {
  const { route, go } = useNavigation();
  const labels = labelsOf(card);
  if (labels.length === 0) return null;
  return (
    <ul class="labels" aria-label="Labels">
      {labels.map(([name, value]) => {
        const label = labelOf(name, value);
        const chosen = [...new Set([...route.filter.labels, label])];
        return (
          <li key={label}>
            <button
              type="button"
              class="label cut"
              title={`Show only ${plain(label)}`}
              onClick={() => go({ filter: { ...route.filter, labels: chosen } })}
            >
              {plain(label, 60)}
            </button>
          </li>
        );
      })}
    </ul>
  );
}

/** What it cost so far, and where its work went. */
function Foot({ card }: { readonly card: BoardCard }) {
  const pull = toWebAddress(card.prUrl);
  const cost = toCost(card.usage);
  if (pull === null && cost === null) return null;
  return (
    <p class="card-foot">
      {cost !== null && (
        <span class="quiet number" title={cost.long}>
          <span aria-hidden="true">{cost.short}</span>
          <span class="said">{cost.long}</span>
        </span>
      )}
      {pull !== null && (
        <a class="card-pull" href={pull} rel="noreferrer noopener" target="_blank">
          Pull request<span class="said"> of {plain(card.title, 200)}, in another tab</span>
        </a>
      )}
    </p>
  );
}
