/** Lines as code and logs have them, which must stay as they are. */

import { redact } from "../../shared/redact.ts";
import { type Row, atMost } from "../pieces/table.ts";

export const readable: readonly string[] = [
  "input_tokens: 48213, max_tokens=8192",
  "PWD=/workspace key: string monkey: banana",
  "fetch(url, { credentials: 'include' })",
  "GITHUB_TOKEN: ${{ secrets.GITHUB_TOKEN }}",
  "Author: Key Person <key@example.com>",
  "const token = await parser.next(stream);",
  "def login(user, password=None, token=token):",
  "for (const [key, value] of Object.entries(map)) {",
  "--- PASS: TestToken2 (0.00s)",
  "commit 18346ba31b8173d52060b971221ab38c1943def0",
  "error: secret.split is not a function at /src/secrets.ts:12:4",
  "https://github.com/o/a/pull/12#issuecomment-1",
];

export function measureReadable(): readonly Row[] {
  const altered = readable.filter((line) => redact(line) !== line).length;
  return [atMost(`readable lines altered, of ${readable.length}`, altered, 0, "")];
}
