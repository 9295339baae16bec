import { test } from "vitest";
import { linkWord, type LinkWord } from "../../worker/ui/live/link.ts";
import { type Connection, noConnection } from "../../worker/ui/live/poller.ts";

const answered: Connection = { answeredAt: 10_000, freshUntil: 16_000, failure: null, failures: 0 };
const failed = (status: number | null, failures: number): Partial<Connection> => ({
  failures,
  failure: { code: "unreachable", error: "gone", status, requestId: null, retryable: true },
});

const rows: ReadonlyArray<readonly [what: string, connection: Connection, now: number, word: LinkWord]> = [
  ["nothing was answered yet", noConnection, 10_000, "Connecting"],
  ["the next answer is not due yet", answered, 15_999, "Live"],
  ["the next answer is overdue", answered, 16_000, "Connecting"],
  ["one call was lost", { ...answered, ...failed(null, 1) }, 12_000, "Live"],
  ["one call was lost and the next is overdue", { ...answered, ...failed(null, 1) }, 17_000, "Connecting"],
  ["two calls were lost", { ...answered, ...failed(null, 2) }, 12_000, "Reconnecting"],
  ["the first call was lost", { ...noConnection, ...failed(null, 1) }, 12_000, "Reconnecting"],
  ["the server fails", { ...answered, ...failed(503, 2) }, 12_000, "Reconnecting"],
  ["what stands before the server answers", { ...answered, ...failed(200, 2) }, 12_000, "Reconnecting"],
  ["the server knows no such thing", { ...noConnection, ...failed(404, 1) }, 12_000, "Refused"],
  ["the scope does not reach", { ...answered, ...failed(403, 1) }, 12_000, "Refused"],
  ["too much was asked", { ...answered, ...failed(429, 3) }, 12_000, "Refused"],
];

for (const [what, connection, now, word] of rows) {
  test(`it is "${word}" where ${what}`, ({ expect }) => {
    expect(linkWord(connection, now)).toBe(word);
  });
}
