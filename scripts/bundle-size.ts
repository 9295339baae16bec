/** Fails when a bundle outgrows its number, 150 KiB unless another is given: a size that creeps is a dependency nobody chose. */
import { globSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const [pattern, maxKib = "150"] = process.argv.slice(2);
if (pattern === undefined)
  throw new Error("usage: bundle-size.ts FILE [KIB], where a * of FILE stands for its hash");
const [path, ...others] = globSync(pattern);
if (path === undefined || others.length > 0) throw new Error(`'${pattern}' is not one file`);
const MAX_GZIP_BYTES = Number(maxKib) * 1024;
const bytes = gzipSync(readFileSync(path)).byteLength;
console.log(`${path}: ${Math.round(bytes / 1024)} KiB gzip, at most ${MAX_GZIP_BYTES / 1024}`);
if (bytes > MAX_GZIP_BYTES) process.exit(1);
