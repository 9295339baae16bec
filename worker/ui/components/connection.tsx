import { toAge } from "../formats.ts";
import type { Connection } from "../live/poller.ts";
import { useNow } from "../live/use-now.ts";

/** Whether what is shown is the newest there is. The age, which grows by the second, is not said aloud. */
export function ConnectionState({ connection }: { readonly connection: Connection }) {
  const { answeredAt, failure, failures } = connection;
  // One lost call is no news: the next follows within seconds.
  const isLost = failure !== null && (failures > 1 || answeredAt === null);
  const word = isLost ? "Reconnecting" : answeredAt === null ? "Connecting" : "Live";
  return (
    <p class={`connection connection-${isLost ? "lost" : "live"}`}>
      <span class="connection-dot" aria-hidden="true" />
      <span role="status">{word}</span>
      {isLost && <LastAnswer at={answeredAt} />}
    </p>
  );
}

function LastAnswer({ at }: { readonly at: number | null }) {
  const now = useNow();
  if (at === null) return <span>no answer yet</span>;
  const age = toAge(now - at);
  return <span class="number">last answer {age === "now" ? "just now" : `${age} ago`}</span>;
}
