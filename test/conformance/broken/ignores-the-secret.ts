/** Lets everybody in. */

import { runWithFault, secretHeader } from "./proxy.ts";

const secret = process.env["HARNESS_SHARED_SECRET"];

await runWithFault({
  ask: (passage) => ({ ...passage, headers: { ...passage.headers, [secretHeader]: secret } }),
});
