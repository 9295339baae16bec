/** Hands spans and follow-ups over again with every read. */

import { runWithFault, viewIn } from "./proxy.ts";

const told = new Map<string, Readonly<Record<"spans" | "followUps", unknown[]>>>();

await runWithFault({
  answer: (passed, passage) => {
    const view = viewIn(passed, passage);
    if (view === null || passage.path.includes("?")) return passed;
    const all = told.get(passage.path) ?? { spans: [], followUps: [] };
    told.set(passage.path, all);
    for (const key of ["spans", "followUps"] as const)
      if (Array.isArray(view[key])) all[key].push(...view[key]);
    const { spans, followUps } = all;
    const repeated = {
      ...(spans.length > 0 && { spans }),
      ...(followUps.length > 0 && { followUps }),
    };
    return { ...passed, body: { ...view, ...repeated } };
  },
});
