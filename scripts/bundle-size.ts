/** Fails when the Worker's bundle outgrows its number: a size that creeps is a dependency nobody chose. */
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const MAX_GZIP_BYTES = 150 * 1024;

const path = process.argv[2];
if (path === undefined) throw new Error("usage: bundle-size.ts FILE");
const bytes = gzipSync(readFileSync(path)).byteLength;
console.log(`${path}: ${Math.round(bytes / 1024)} KiB gzip, at most ${MAX_GZIP_BYTES / 1024}`);
if (bytes > MAX_GZIP_BYTES) process.exit(1);
