/** Fails when a bundle outgrows its number, 150 KiB unless another is given: a size that creeps is a dependency nobody chose. */
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const [path, maxKib = "150"] = process.argv.slice(2);
if (path === undefined) throw new Error("usage: bundle-size.ts FILE [KIB]");
const MAX_GZIP_BYTES = Number(maxKib) * 1024;
const bytes = gzipSync(readFileSync(path)).byteLength;
console.log(`${path}: ${Math.round(bytes / 1024)} KiB gzip, at most ${MAX_GZIP_BYTES / 1024}`);
if (bytes > MAX_GZIP_BYTES) process.exit(1);
