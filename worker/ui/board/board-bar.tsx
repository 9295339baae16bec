import { useState } from "preact/hooks";
import { boardNamePattern } from "../../../shared/id-patterns.ts";
import { ConnectionState } from "../components/connection.tsx";
import type { Connection } from "../live/poller.ts";
import { useNavigation } from "../navigation.tsx";
import { firstRoute } from "../route.ts";
import { useSession } from "../session.tsx";

type BoardBarProps = {
  readonly connection: Connection;
  readonly onHelp: () => void;
};

export function BoardBar({ connection, onHelp }: BoardBarProps) {
  const { hasToken, signOut } = useSession();
  return (
    <header class="bar">
      <span class="brand" aria-hidden="true">
        Holt
      </span>
      <BoardSwitch />
      <ConnectionState connection={connection} />
      <nav class="bar-end" aria-label="Site">
        <a href="/docs" class="button button-bare">
          API
        </a>
        <button type="button" class="button button-bare" aria-keyshortcuts="?" onClick={onHelp}>
          Keys
        </button>
        {hasToken && (
          <button type="button" class="button button-bare" onClick={signOut}>
            Sign out
          </button>
        )}
      </nav>
    </header>
  );
}

/** The board's name, and the way to another: there is no list of them, since any name is a board. */
function BoardSwitch() {
  const { route, go } = useNavigation();
  const [typed, setTyped] = useState<string | null>(null);
  const name = (typed ?? route.board).trim().toLowerCase();
  const isName = boardNamePattern.test(name);
  return (
    <form
      class="board-switch"
      onSubmit={(event) => {
        event.preventDefault();
        if (!isName) return;
        setTyped(null);
        if (name !== route.board) go({ ...firstRoute, board: name });
      }}
    >
      <h1>
        <label for="board-name">Board</label>
      </h1>
      <input
        id="board-name"
        class="board-name"
        autocomplete="off"
        spellcheck={false}
        maxLength={63}
        value={typed ?? route.board}
        aria-invalid={!isName}
        aria-describedby={isName ? undefined : "board-name-complaint"}
        onInput={(event) => setTyped(event.currentTarget.value)}
        onBlur={() => setTyped(null)}
      />
      {!isName && (
        <span id="board-name-complaint" class="complaint" role="alert">
          a–z, 0–9 and -, no - first
        </span>
      )}
    </form>
  );
}
