import { useState } from "preact/hooks";
import type { BundleReport } from "../../../../shared/bundle/verify.ts";
import type { JobView } from "../../../../shared/job-view.ts";
import { plain, toBytes } from "../../formats.ts";
import { useSession } from "../../session.tsx";
import { saveFile, sha256 } from "../system.ts";

/** A larger one would stand in memory twice; the command line checks those. */
const CHECKED_BYTES = 32 * 1024 * 1024;

type BundleProps = { readonly executionId: string; readonly jobs: readonly JobView[] };
type Said = { readonly text: string; readonly isBad?: boolean };

/** Downloads all that is kept of the execution, and says whether it is whole. */
export function BundleButton({ executionId, jobs }: BundleProps) {
  const { client } = useSession();
  const [said, setSaid] = useState<Said | null>(null);
  const [isBusy, setBusy] = useState(false);
  const download = async (): Promise<Said> => {
    const opened = await client().open(
      "bundle",
      { path: { executionId } },
      { accept: "application/x-ndjson" },
    );
    if (opened.kind === "failed") return { text: opened.failure.error, isBad: true };
    const file = await opened.response.blob();
    saveFile(file, `${executionId}.ndjson`);
    const size = toBytes(file.size);
    if (file.size > CHECKED_BYTES) return { text: `${size} saved, too large to check here` };
    if (sha256 === null) return { text: `${size} saved, not checked: the page was not served over https` };
    setSaid({ text: `${size} saved, checking it …` });
    const heads = jobs.flatMap(({ bundle }) => (bundle === undefined ? [] : [bundle]));
    // Loaded where it is needed: few ever look.
    const { checkBundle } = await import("./read-bundle.ts");
    const report = await checkBundle(await file.text(), { heads, sha256 });
    return { text: `${size} saved, ${inWords(report)}`, isBad: !report.ok };
  };
  const run = async (): Promise<void> => {
    setBusy(true);
    setSaid({ text: "Reading the bundle …" });
    setSaid(await download().catch(() => ({ text: "The connection broke off.", isBad: true })));
    setBusy(false);
  };
  return (
    <>
      <span role="status" class={said?.isBad === true ? "complaint" : "quiet"}>
        {said === null ? "" : plain(said.text)}
      </span>
      <button type="button" class="button" disabled={isBusy} onClick={() => void run()}>
        Download bundle
      </button>
    </>
  );
}

function inWords({ ok, events, gaps, missing, problem }: BundleReport): string {
  if (!ok) return `not whole, line ${problem?.line ?? "?"}: ${problem?.text ?? ""}`;
  return `whole: ${events} events, ${gaps === 0 ? "nothing missing" : `${missing} missing in ${gaps} counted gaps`}`;
}
