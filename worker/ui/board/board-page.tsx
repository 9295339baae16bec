import { useCallback, useMemo, useRef, useState } from "preact/hooks";
import { useKeptFocus } from "../components/use-kept-focus.ts";
import { plain } from "../formats.ts";
import { isRefusal } from "../live/pace.ts";
import { useTitle } from "../live/use-title.ts";
import { Link, useNavigation } from "../navigation.tsx";
import { origin, settings } from "../system.ts";
import { BoardBar } from "./board-bar.tsx";
import { Column } from "./column.tsx";
import { type ColumnName, type Columns, columns, mostUrgentIn, toColumns } from "./columns.ts";
import { EmptyBoard } from "./empty-board.tsx";
import { FilterBar } from "./filter-bar.tsx";
import { matches } from "./filter.ts";
import { KeysHelp } from "./keys-help.tsx";
import { cardOf, keyAt, titleOf } from "./on-screen.ts";
import { type BoardPlace, placeOf, useScrollPlace } from "./places.ts";
import { useBoard } from "./use-board.ts";
import { useKeys } from "./use-keys.ts";

export function BoardPage() {
  const { route, go } = useNavigation();
  const { filter, sort, board } = route;
  const { cards, skewMs, connection, poke } = useBoard(board);
  const [isHelpOpen, setHelpOpen] = useState(false);
  const [areKeysOn, setKeysOn] = useState(settings.areKeysOn);
  const main = useRef<HTMLElement>(null);
  const search = useRef<HTMLInputElement>(null);
  const openHelp = useCallback(() => setHelpOpen(true), []);
  const choose = useCallback((column: string) => go({ column }), [go]);
  useKeys({ board: main, search, areOn: areKeysOn, onHelp: openHelp, onColumn: choose });
  const place = placeOf(board);
  useKeptFocus(place.focused, keyAt, titleOfKey);
  useScrollPlace(scrolled, { place, isRead: cards !== null });

  const all = useMemo(() => [...(cards?.values() ?? [])], [cards]);
  const shown = useMemo(() => all.filter((card) => matches(card, filter)), [all, filter]);
  const grouped = useMemo(() => toColumns(shown, sort), [shown, sort]);
  const chosen = useChosen(place, cards === null ? null : grouped);
  const waiting = useMemo(() => toColumns(all, sort).attention.length, [all, sort]);
  useTitle(`${waiting > 0 ? `(${waiting}) ` : ""}${board} · Holt`);

  const { failure, failures } = connection;
  const isLost = failure !== null && (failures > 1 || isRefusal(failure));
  return (
    <div class="board-page">
      <BoardBar connection={connection} onHelp={openHelp} />
      {isLost && (
        <p class="banner" role="alert">
          {plain(failure.error)}. What stands here may be old.
        </p>
      )}
      <FilterBar search={search} shown={shown.length} all={all.length} />
      <nav class="column-tabs" aria-label="Columns">
        {columns.map(({ name, title }) => (
          <Link key={name} to={{ column: name }} current={name === chosen}>
            {title} <span class="column-count number">{cards === null ? "" : grouped[name].length}</span>
          </Link>
        ))}
      </nav>
      <main
        ref={main}
        class="board"
        aria-label={`Board ${board}`}
        aria-busy={cards === null}
        data-lost={isLost}
      >
        {cards !== null && all.length === 0 ? (
          <EmptyBoard origin={origin()} />
        ) : (
          columns.map(({ name, title }) => (
            <Column
              key={`${board} ${name}`}
              name={name}
              title={title}
              cards={cards === null ? null : grouped[name]}
              isChosen={name === chosen}
              place={place.columns[name]}
              skewMs={skewMs}
              onChange={poke}
            />
          ))
        )}
      </main>
      <KeysHelp
        isOpen={isHelpOpen}
        onClose={() => setHelpOpen(false)}
        areOn={areKeysOn}
        onSwitch={(areOn) => {
          settings.switchKeys(areOn);
          setKeysOn(areOn);
        }}
      />
    </div>
  );
}

/** The column that is shown where there is room for one: as the address says, else the first that held anything at first. */
function useChosen(place: BoardPlace, grouped: Columns | null): ColumnName {
  const { route } = useNavigation();
  place.chosen ??= mostUrgentIn(grouped);
  return columns.find(({ name }) => name === route.column)?.name ?? place.chosen ?? "working";
}

/** On a narrow screen columns do not scroll by themselves. */
const scrolled = { current: document.documentElement };

/** A card that moves to another column is another element there. */
function titleOfKey(key: string): HTMLElement | null {
  return titleOf(cardOf(key));
}
