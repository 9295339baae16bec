import { deadlines } from "../../worker/execution/deadlines.ts";
import { checks } from "./checks.ts";
import { remember, type Seen, type Taken } from "./ledger.ts";
import type { Site } from "./site.ts";

/** Holds one step against every check, then remembers it. */
export function inspectStep(site: Site, { input, before, stepped, freshId }: Taken): void {
  const { ledger, world } = site;
  const after = stepped.state;
  const standing = after === null ? [] : deadlines(after);
  const seen: Seen = { site, input, before, after, stepped, freshId, now: site.now, standing };
  world.coverage.step(seen);
  remember(seen, ledger);
  ledger.steps += 1;
  for (const { promise, check } of checks) {
    const broken = check(seen, ledger);
    if (broken !== null) world.violated(promise, broken);
  }
}
