import { useState } from "preact/hooks";
import type { Card } from "../../../shared/board.ts";
import { useSession } from "../session.tsx";
import type { ExtendableName } from "./extension.ts";

export type Extending = {
  /** Whether the deadline stands later than before. */
  readonly extend: (deadline: ExtendableName, until: number) => Promise<boolean>;
  readonly isUnderWay: boolean;
  /** Why it was refused the last time; with the latest moment that would not be, where the server names one. */
  readonly refusal: Refused | null;
  /** Where the deadline that the card shows stands by the answer, until the card itself says so. */
  readonly movedTo: number | null;
};

export type Refused = { readonly error: string; readonly latest: number | null };
type Moved = { readonly deadline: string; readonly at: number; readonly revision: number };

export function useExtend(
  { executionId, jobId, deadline: shown, revision }: Card,
  onChange: () => void,
): Extending {
  const { client } = useSession();
  const [isUnderWay, setUnderWay] = useState(false);
  const [refusal, setRefusal] = useState<Refused | null>(null);
  const [moved, setMoved] = useState<Moved | null>(null);
  const extend = async (deadline: ExtendableName, until: number): Promise<boolean> => {
    setUnderWay(true);
    const reply = await client().call("extend", { path: { executionId, jobId }, body: { deadline, until } });
    setUnderWay(false);
    if (reply.kind === "failed") {
      const { error, details } = reply.failure;
      const latest = details?.["latest"];
      setRefusal({ error, latest: typeof latest === "number" ? latest : null });
      return false;
    }
    setRefusal(null);
    setMoved({ deadline, at: reply.value.at, revision });
    onChange();
    return true;
  };
  const isShown = moved !== null && moved.deadline === shown?.name && moved.revision === revision;
  return { extend, isUnderWay, refusal, movedTo: isShown ? moved.at : null };
}
