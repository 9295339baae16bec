/** Bundles the page, where wrangler and the size check look for it; wrangler calls this before it bundles the Worker. */
import { bundleUi } from "./ui/bundle.ts";

await bundleUi(process.argv[2]);
