import type { RefObject } from "preact";
import { StatusChip } from "../components/status.tsx";
import { plain } from "../formats.ts";
import { useNavigation } from "../navigation.tsx";
import { noFilter, type Sort, sorts, statuses } from "../route.ts";
import { isFiltering } from "./filter.ts";

const sortNames: Readonly<Record<Sort, string>> = {
  newest: "Newest first",
  oldest: "Oldest first",
  deadline: "Next stop first",
  heard: "Longest silent first",
  cost: "Most container time first",
  title: "By title",
};

type FilterBarProps = {
  readonly search: RefObject<HTMLInputElement | null>;
  /** How many are shown, of how many. */
  readonly shown: number;
  readonly all: number;
};

export function FilterBar({ search, shown, all }: FilterBarProps) {
  const { route, go } = useNavigation();
  const { filter, sort } = route;
  return (
    <search class="filter-bar" aria-label="Filter and sort">
      <input
        ref={search}
        type="search"
        class="filter-text"
        aria-label="Filter by text"
        placeholder="Filter: title, repository, branch, model …"
        aria-keyshortcuts="/"
        value={filter.text}
        onInput={(event) => go({ filter: { ...filter, text: event.currentTarget.value } }, "replace")}
      />
      <button type="button" class="button menu-opener" popovertarget="statuses">
        Status{filter.statuses.length > 0 && ` (${filter.statuses.length})`}
      </button>
      <div id="statuses" class="menu-list" popover="auto">
        <fieldset>
          <legend class="said">Show only</legend>
          {statuses.map((status) => (
            <label key={status} class="menu-item">
              <input
                type="checkbox"
                checked={filter.statuses.includes(status)}
                onChange={(event) => {
                  const others = filter.statuses.filter((each) => each !== status);
                  const chosen = event.currentTarget.checked ? [...others, status] : others;
                  go({ filter: { ...filter, statuses: chosen } });
                }}
              />
              <StatusChip status={status} />
            </label>
          ))}
        </fieldset>
      </div>
      <label class="row">
        <span class="said">Sort</span>
        <select
          value={sort}
          onChange={(event) => {
            const chosen = sorts.find((each) => each === event.currentTarget.value);
            if (chosen !== undefined) go({ sort: chosen });
          }}
        >
          {sorts.map((each) => (
            <option key={each} value={each}>
              {sortNames[each]}
            </option>
          ))}
        </select>
      </label>
      {filter.labels.map((label) => (
        <button
          key={label}
          type="button"
          class="button cut"
          onClick={() =>
            go({ filter: { ...filter, labels: filter.labels.filter((each) => each !== label) } })
          }
        >
          {plain(label, 60)} <span aria-hidden="true">×</span>
          <span class="said">: no longer only this label</span>
        </button>
      ))}
      {isFiltering(filter) && (
        <>
          <span class="quiet number" role="status">
            {shown} of {all} shown
          </span>
          <button type="button" class="button button-bare" onClick={() => go({ filter: noFilter })}>
            Clear
          </button>
        </>
      )}
    </search>
  );
}
