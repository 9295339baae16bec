import { useRef, useState } from "preact/hooks";
import type { Card as BoardCard } from "../../../shared/board.ts";
import { Boundary } from "../components/boundary.ts";
import { Card } from "./card.tsx";
import { keyOf } from "./cards.ts";
import type { ColumnName } from "./columns.ts";
import { type ColumnPlace, useScrollPlace } from "./places.ts";

/** So many more each time. */
const MORE_CARDS = 50;

type ColumnProps = {
  readonly name: ColumnName;
  readonly title: string;
  /** Null while the board is read for the first time. */
  readonly cards: readonly BoardCard[] | null;
  /** Where there is room for one column alone, this is the one. */
  readonly isChosen: boolean;
  readonly place: ColumnPlace;
  readonly skewMs: number;
  readonly onChange: () => void;
};

export function Column({ name, title, cards, isChosen, place, skewMs, onChange }: ColumnProps) {
  const [shown, setShown] = useState(place.shown);
  const box = useRef<HTMLDivElement>(null);
  useScrollPlace(box, { place, isRead: cards !== null });
  const showMore = (): void => {
    place.shown += MORE_CARDS;
    setShown(place.shown);
  };
  const left = Math.max(0, (cards?.length ?? 0) - shown);
  const id = `column-${name}`;
  return (
    <section class="column" aria-labelledby={id} data-column={name} data-chosen={isChosen}>
      <h2 id={id} class="column-title">
        {title} <span class="column-count number">{cards === null ? "" : cards.length}</span>
      </h2>
      <div ref={box} class="column-cards">
        {(cards ?? []).slice(0, shown).map((card) => (
          <Boundary key={keyOf(card)} of={card} instead={<p class="complaint">A card could not be drawn</p>}>
            <Card card={card} skewMs={skewMs} onChange={onChange} />
          </Boundary>
        ))}
        {cards?.length === 0 && <p class="column-none quiet">None</p>}
        {left > 0 && (
          <button type="button" class="button column-more" onClick={showMore}>
            Show {Math.min(left, MORE_CARDS)} more<span class="quiet number">of {left}</span>
          </button>
        )}
      </div>
    </section>
  );
}
