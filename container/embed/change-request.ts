import { createRedactor } from "../../shared/redact.ts";
import * as hosting from "../hosting/change-request.ts";
import type { Step } from "../process/step.ts";
import { systemClock, systemRandom } from "../system.ts";

export type ChangeRequest = hosting.ChangeRequest;

/**
 * Opens a pull request on GitHub or a merge request on GitLab, or finds the one that is open, and gives its address.
 * Idempotent; tries three times where the service is busy or cannot be reached, each wait at most 8 s. Every failure is a
 * value, with cause `api` and a redacted text.
 */
export function openChangeRequest(
  change: ChangeRequest,
  { signal = new AbortController().signal }: { readonly signal?: AbortSignal } = {},
): Promise<Step<string>> {
  const { redact } = createRedactor([change.token]);
  return hosting.openChangeRequest(change, {
    fetch: globalThis.fetch,
    clock: systemClock,
    redact,
    signal,
    jitter: systemRandom.fraction,
  });
}
