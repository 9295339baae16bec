/** Known values in every form that tools write them in. */

import { createRedactor } from "../../shared/redact.ts";
import { type Row, atLeast } from "../pieces/table.ts";
import { createNoise, isLeaked, symbols } from "./noise.ts";

const base64 = (text: string): string => Buffer.from(text).toString("base64");
const json = (text: string): string => JSON.stringify(text).slice(1, -1);
const lower = (text: string): string => text.replaceAll(/%../g, (code) => code.toLowerCase());
const xml = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

const encodings: Readonly<Record<string, (value: string) => string>> = {
  raw: (value) => value,
  "percent-encoded": (value) => encodeURIComponent(value),
  "percent-encoded, lower case": (value) => lower(encodeURIComponent(value)),
  "form-encoded": (value) => new URLSearchParams({ v: value }).toString().slice(2),
  base64,
  "base64, shifted by one": (value) => base64(`:${value}`).slice(2),
  "base64, shifted by two": (value) => base64(`a:${value}`).slice(3),
  base64url: (value) => Buffer.from(value).toString("base64url"),
  "base64 behind x-access-token:": (value) => base64(`x-access-token:${value}`).slice(20),
  "base64 behind oauth2:": (value) => base64(`oauth2:${value}`).slice(10),
  hex: (value) => Buffer.from(value).toString("hex"),
  "hex, upper case": (value) => Buffer.from(value).toString("hex").toUpperCase(),
  JSON: json,
  "JSON in JSON": (value) => json(json(value)),
  "JSON in JSON in JSON": (value) => json(json(json(value))),
  XML: xml,
  "user information": (value) => Object.assign(new URL("http://host/"), { password: value }).password,
  "a shell's quotes": (value) => value.replaceAll("'", "'\\''"),
};
const samples = 200;

export function measureEncodings(): readonly Row[] {
  return Object.entries(encodings).map(([name, encode], seed) => {
    const noise = createNoise(seed);
    let hidden = 0;
    for (let at = 0; at < samples; at += 1) {
      const value = `k${noise(16 + (at % 40), at % 2 === 0 ? symbols : undefined)}x`;
      const written = encode(value);
      const out = createRedactor([value]).redactKnown(`mno ${written} mno`);
      // A character at either end of a base64 text belongs to its neighbours too.
      if (!isLeaked(written.slice(2, -4), out)) hidden += 1;
    }
    return atLeast(`known values hidden: ${name}`, (100 * hidden) / samples, 100, " %");
  });
}
