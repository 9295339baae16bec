import { Countdown } from "../components/moments.tsx";
import { useNow } from "../live/use-now.ts";
import { type Deadline, stopText, urgencyOf } from "./stop-text.ts";

type UntilProps = {
  readonly deadline: Deadline;
  /** Where it stands, by the server's clock. */
  readonly at: number;
  readonly skewMs: number;
};

/** `Stops in 3 min 20 s`, and `Is due: stops` once that is over. */
export function Until({ deadline, at, skewMs }: UntilProps) {
  const { before } = stopText(deadline);
  if (urgencyOf({ at }, useNow() + skewMs) === "due")
    return <>Is due: {before.toLowerCase().replace(/ in$/, "")}</>;
  return (
    <>
      {before} <Countdown at={at} skewMs={skewMs} />
    </>
  );
}
