import { useState } from "preact/hooks";
import type { Card } from "../../../shared/board.ts";
import { useSession } from "../session.tsx";
import { concerning, type Extended, type ExtendableName } from "./extension.ts";

export type Extending = {
  /** Whether the deadline stands later than before; false while another wish is under way. */
  readonly extend: (deadline: ExtendableName, until: number) => Promise<boolean>;
  readonly isUnderWay: boolean;
  /** Why the deadline that is shown was not moved the last time. */
  readonly refusal: Extract<Extended, { readonly kind: "refused" }> | null;
  /** Where it stands by the answer, until the job itself says so. */
  readonly movedTo: number | null;
};

type Shown = Pick<Card, "executionId" | "jobId" | "revision"> & { readonly name: string | undefined };

/** @param shown the deadline by its name, and the job that it stops */
export function useExtend({ executionId, jobId, revision, name }: Shown, onChange: () => void): Extending {
  const { client } = useSession();
  const [isUnderWay, setUnderWay] = useState(false);
  const [extended, setExtended] = useState<Extended | null>(null);
  const extend = async (deadline: ExtendableName, until: number): Promise<boolean> => {
    if (isUnderWay) return false;
    setUnderWay(true);
    const reply = await client().call("extend", { path: { executionId, jobId }, body: { deadline, until } });
    setUnderWay(false);
    if (reply.kind === "failed") {
      const { error, details } = reply.failure;
      const latest = details?.["latest"];
      setExtended({ kind: "refused", deadline, error, latest: typeof latest === "number" ? latest : null });
      return false;
    }
    setExtended({ kind: "moved", deadline, at: reply.value.at, revision });
    onChange();
    return true;
  };
  const said = concerning(extended, { name, revision });
  return {
    extend,
    isUnderWay,
    refusal: said?.kind === "refused" ? said : null,
    movedTo: said?.kind === "moved" ? said.at : null,
  };
}
