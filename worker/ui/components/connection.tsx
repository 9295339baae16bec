import { toAge } from "../formats.ts";
import { linkWord } from "../live/link.ts";
import type { Connection } from "../live/poller.ts";
import { useNow } from "../live/use-now.ts";

/** Whether what is shown is the newest there is. The age, which grows by the second, is not said aloud. */
export function ConnectionState({ connection }: { readonly connection: Connection }) {
  const now = useNow();
  const { answeredAt } = connection;
  const word = linkWord(connection, now);
  const isLost = word === "Reconnecting" || word === "Refused";
  const age = toAge(now - (answeredAt ?? 0));
  return (
    <p class={`connection connection-${isLost ? "lost" : "live"}`}>
      <span class="connection-dot" aria-hidden="true" />
      <span role="status">{word}</span>
      {isLost && (
        <span class="number">
          {answeredAt === null ? "no answer yet" : `last answer ${age === "now" ? "just now" : `${age} ago`}`}
        </span>
      )}
    </p>
  );
}
