/** Saves a bundle as a file, and checks it. Loaded where it is needed: few ever look. */
import type { BundleReport } from "../../../../shared/bundle/verify.ts";
import type { Client } from "../../../../shared/client/calls.ts";
import type { JobView } from "../../../../shared/job-view.ts";
import { toBytes } from "../../formats.ts";
import { headsBetween, keptHead } from "./kept-head.ts";
import { checkBundle } from "./read-bundle.ts";
import { saveFile, sha256 } from "./system.ts";

/** A larger one would stand in memory twice; the command line checks those. */
const CHECKED_BYTES = 32 * 1024 * 1024;

/** What a download came to, for people. */
export type Said = { readonly text: string; readonly isBad?: boolean };

type Wanted = {
  readonly executionId: string;
  /** What the last of them to end says of the log must agree with it. */
  readonly jobs: readonly JobView[];
  readonly client: Client<Response>;
  readonly onSaid: (said: Said) => void;
};

export async function download({ executionId, jobs, client, onSaid }: Wanted): Promise<Said> {
  const before = await keptHead(client, executionId, jobs);
  const opened = await client.open("bundle", { path: { executionId } }, { accept: "application/x-ndjson" });
  if (opened.kind === "failed") return { text: opened.failure.error, isBad: true };
  const file = await opened.response.blob();
  saveFile(file, `${executionId}.ndjson`);
  const size = toBytes(file.size);
  if (file.size > CHECKED_BYTES) return { text: `${size} saved, too large to check here` };
  if (sha256 === null) return { text: `${size} saved, not checked: the page was not served over https` };
  onSaid({ text: `${size} saved, checking it …` });
  const heads = headsBetween(before, await keptHead(client, executionId, jobs));
  const report = await checkBundle(await file.text(), { heads, sha256 });
  return { text: `${size} saved, ${inWords(report, heads.length > 0)}`, isBad: !report.ok };
}

/** A bundle that was written anew from end to end is whole in itself too. */
function inWords({ ok, events, gaps, missing, problem }: BundleReport, isCompared: boolean): string {
  if (!ok) return `not whole, line ${problem?.line ?? "?"}: ${problem?.text ?? ""}`;
  const lost = gaps === 0 ? "nothing missing" : `${missing} missing in ${gaps} counted gaps`;
  return `${isCompared ? "whole" : "whole in itself"}: ${events} events, ${lost}`;
}
