import { useState } from "preact/hooks";
import type { Reply } from "../../../../shared/client/calls.ts";

export type Asking = {
  readonly isAsked: boolean;
  /** Why it was refused the last time. */
  readonly complaint: string | null;
  readonly ask: (call: () => Promise<Reply<unknown>>) => Promise<void>;
};

/** A wish that is asked for once. The page is read anew at once, and when it was answered. */
export function useAsking(onDone: () => void): Asking {
  const [isAsked, setAsked] = useState(false);
  const [complaint, setComplaint] = useState<string | null>(null);
  const ask = async (call: () => Promise<Reply<unknown>>): Promise<void> => {
    setAsked(true);
    setComplaint(null);
    const asked = call();
    onDone();
    const reply = await asked;
    setAsked(false);
    if (reply.kind === "failed") setComplaint(reply.failure.error);
    onDone();
  };
  return { isAsked, complaint, ask };
}
