/**
 * Prints a new token and its entry of `HOLT_TOKENS`: `node scripts/token.ts [name] [read|dispatch]`. The token is shown
 * once and kept nowhere; the Worker knows its hash.
 */

import { createHash, randomBytes } from "node:crypto";

const [name = "client", scope = "dispatch"] = process.argv.slice(2);

if (!/^[A-Za-z0-9._-]{1,64}$/.test(name) || (scope !== "read" && scope !== "dispatch")) {
  console.error(
    "usage: node scripts/token.ts [name] [read|dispatch]\nA name has 1 to 64 of A-Z a-z 0-9 . _ -",
  );
  process.exitCode = 2;
} else {
  // The prefix says whose token it is, wherever it turns up.
  const token = `holt_${randomBytes(32).toString("base64url")}`;
  const sha256 = createHash("sha256").update(token).digest("hex");
  console.log(`token: ${token}\nentry: ${JSON.stringify({ name, sha256, scopes: [scope] })}`);
}
