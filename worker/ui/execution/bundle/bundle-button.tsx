import { useState } from "preact/hooks";
import type { JobView } from "../../../../shared/job-view.ts";
import { plain } from "../../formats.ts";
import { useSession } from "../../session.tsx";
import type { Said } from "./download.ts";

type BundleProps = { readonly executionId: string; readonly jobs: readonly JobView[] };

/** Downloads all that is kept of the execution, and says whether it is whole. */
export function BundleButton({ executionId, jobs }: BundleProps) {
  const { client } = useSession();
  const [said, setSaid] = useState<Said | null>(null);
  const [isBusy, setBusy] = useState(false);
  const run = async (): Promise<void> => {
    if (isBusy) return;
    setBusy(true);
    setSaid({ text: "Reading the bundle …" });
    const done = import("../opened.ts").then(({ download }) =>
      download({ executionId, jobs, client: client(), onSaid: setSaid }),
    );
    setSaid(await done.catch(() => ({ text: "The connection broke off.", isBad: true })));
    setBusy(false);
  };
  return (
    <>
      <span role="status" class={said?.isBad === true ? "complaint" : "quiet"}>
        {said === null ? "" : plain(said.text)}
      </span>
      <button type="button" class="button" aria-disabled={isBusy} onClick={() => void run()}>
        Download bundle
      </button>
    </>
  );
}
