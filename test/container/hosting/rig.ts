import type { IncomingMessage, ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { onTestFinished } from "vitest";
import type { HostingDeps } from "../../../container/hosting/answers.ts";
import { listenOnLoopback } from "../../../local/http-server.ts";
import { ghToken } from "../git-host.ts";
import { realClock } from "../job-folder.ts";

/** What hosting calls work with; waits between two tries are recorded and take no time. */
export function makeDeps(
  given: Partial<HostingDeps> = {},
): HostingDeps & { readonly waits: readonly number[] } {
  const waits: number[] = [];
  return {
    waits,
    fetch,
    jitter: () => 0,
    redact: (text) => text.replaceAll(ghToken, "***"),
    signal: new AbortController().signal,
    clock: {
      now: () => Date.parse("2026-11-22T12:00:00Z"),
      sleep: (ms, signal) => {
        // the limit of one call is not a wait between two
        if (ms === 30_000) return realClock.sleep(ms, signal);
        waits.push(ms);
        return Promise.resolve();
      },
    },
    ...given,
  };
}

export type Scripted = {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
};

/** A server that gives its answers one after the other, the last for good, and remembers the requests. */
export async function startServer(...answers: readonly Scripted[]) {
  const seen: Array<{ method: string; url: string; headers: object; body: string }> = [];
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = "", url = "", headers: received } = request;
    seen.push({ method, url, headers: received, body: await text(request) });
    const { status, headers = {}, body = "" } = answers[seen.length - 1] ?? answers.at(-1) ?? { status: 500 };
    response.writeHead(status, headers).end(body);
  };
  const server = await listenOnLoopback((request, response) => void answer(request, response));
  onTestFinished(() => server.close());
  return { url: server.url, seen };
}

export const json = { "content-type": "application/json" };
