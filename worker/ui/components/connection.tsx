import { toAge } from "../formats.ts";
import type { Connection } from "../live/poller.ts";
import { useNow } from "../live/use-now.ts";

/** Whether what is shown is the newest there is. Says nothing aloud while all is well. */
export function ConnectionState({ connection }: { readonly connection: Connection }) {
  const { answeredAt, failure, failures } = connection;
  const now = useNow();
  const last = answeredAt === null ? "no answer yet" : `last answer ${toAge(now - answeredAt)} ago`;
  // One lost call is no news: the next follows within seconds.
  const isLost = failure !== null && (failures > 1 || answeredAt === null);
  return (
    <p class={`connection connection-${isLost ? "lost" : "live"}`} role="status">
      <span class="connection-dot" aria-hidden="true" />
      {isLost
        ? `Reconnecting, ${last.replace("now ago", "just now")}`
        : answeredAt === null
          ? "Connecting"
          : "Live"}
    </p>
  );
}
