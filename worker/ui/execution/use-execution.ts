import { useCallback, useEffect, useMemo, useState } from "preact/hooks";
import type { Connection } from "../live/poller.ts";
import { usePoll } from "../live/use-poll.ts";
import { useSession } from "../session.tsx";
import { now } from "../system.ts";
import { createExecutionReader, type Read } from "./execution-reader.ts";

export type ExecutionRead = {
  /** Null until the first answer. */
  readonly read: Read | null;
  readonly connection: Connection;
  /** Asks at once. */
  readonly poke: () => void;
};

/** An execution, its shown job and its log, kept up to date. */
export function useExecution(executionId: string, jobId: string | null): ExecutionRead {
  const { client } = useSession();
  const [read, setRead] = useState<Read | null>(null);
  const reader = useMemo(() => createExecutionReader({ executionId, client, now }), [executionId, client]);
  useEffect(() => setRead(null), [reader]);
  const ask = useCallback((signal: AbortSignal) => reader.ask(jobId, signal, setRead), [reader, jobId]);
  const { connection, poke } = usePoll(ask);
  const isThis = read?.execution.executionId === executionId;
  return { read: isThis ? read : null, connection, poke };
}
