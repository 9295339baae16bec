/** Tells of a failure without its cause. */

import { runWithFault, viewIn } from "./proxy.ts";

await runWithFault({
  answer: (passed, passage) => {
    const view = viewIn(passed, passage);
    if (view === null) return passed;
    const { failureCause: _, ...rest } = view;
    return { ...passed, body: rest };
  },
});
