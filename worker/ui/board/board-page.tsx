import { ConnectionState } from "../components/connection.tsx";
import { StatusChip } from "../components/status.tsx";
import { plain } from "../formats.ts";
import { Link, useNavigation } from "../navigation.tsx";
import { keyOf } from "./cards.ts";
import { useBoard } from "./use-board.ts";

export function BoardPage() {
  const { route } = useNavigation();
  const { cards, connection } = useBoard(route.board);
  return (
    <>
      <header class="bar">
        <h1>Board {route.board}</h1>
        <ConnectionState connection={connection} />
      </header>
      <main>
        <ul>
          {[...(cards ?? new Map()).values()].map((card) => (
            <li key={keyOf(card)}>
              <Link to={{ execution: { executionId: card.executionId, jobId: card.jobId, tab: null } }}>
                {plain(card.title)}
              </Link>{" "}
              <StatusChip status={card.status} />
            </li>
          ))}
        </ul>
      </main>
    </>
  );
}
