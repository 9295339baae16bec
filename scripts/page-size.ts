/** Fails when a part of the page outgrows its number: what a browser loads for it, with what it loads in any case. */
import { measureUi } from "./ui/bundle.ts";

const MAX_GZIP_BYTES = 30 * 1024;

const views = await measureUi();
for (const { part, bytes } of views) {
  console.log(`${part ?? "any"}: ${(bytes / 1024).toFixed(1)} KiB gzip, at most ${MAX_GZIP_BYTES / 1024}`);
}
if (views.some(({ bytes }) => bytes > MAX_GZIP_BYTES)) process.exit(1);
