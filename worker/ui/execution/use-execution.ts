import { useCallback, useState } from "preact/hooks";
import type { ExecutionView } from "../../../shared/job-view.ts";
import type { Asked, Connection } from "../live/poller.ts";
import { usePoll } from "../live/use-poll.ts";
import { useSession } from "../session.tsx";
import { now } from "../system.ts";

export type ExecutionRead = {
  readonly view: ExecutionView | null;
  /** How far the object's clock is ahead of this one. */
  readonly skewMs: number;
  readonly connection: Connection;
  readonly poke: () => void;
};

/** An execution with all its jobs; where nothing changed, an answer has no body. */
export function useExecution(executionId: string): ExecutionRead {
  const { client } = useSession();
  const [read, setRead] = useState<Pick<ExecutionRead, "view" | "skewMs">>({ view: null, skewMs: 0 });
  const ask = useCallback(askerOf(client, executionId, setRead), [client, executionId]);
  const { connection, poke } = usePoll(ask);
  const isThis = read.view?.executionId === executionId;
  return { ...(isThis ? read : { view: null, skewMs: 0 }), connection, poke };
}

function askerOf(
  client: ReturnType<typeof useSession>["client"],
  executionId: string,
  onRead: (read: Pick<ExecutionRead, "view" | "skewMs">) => void,
): (signal: AbortSignal) => Promise<Asked> {
  let etag: string | null = null;
  let isLive = false;
  return async (signal) => {
    const reply = await client(signal).poll("execution", { path: { executionId } }, etag);
    if (reply.kind === "failed") return reply;
    if (reply.kind === "unchanged") return { kind: "answered", isLive, nextMs: null };
    const view = reply.value;
    etag = reply.etag;
    isLive = view.jobs.some(({ state }) => state === "running");
    onRead({ view, skewMs: view.asOf - now() });
    return { kind: "answered", isLive, nextMs: null };
  };
}
