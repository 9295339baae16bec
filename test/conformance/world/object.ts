/**
 * The object of an execution, as far as a harness sees it: takes beats at `http://holt.internal/v1/beats`. It is reached
 * as the harness's HTTP proxy, so nobody has to change what that name means on the machine.
 */

import { once } from "node:events";
import { type IncomingMessage, type ServerResponse, createServer } from "node:http";
import type { Duplex } from "node:stream";
import { BEAT_HOST, BEAT_PATH, Beat, type BeatReply, type Directive } from "../../../shared/beat.ts";
import { type Recording, createRecording } from "../../../local/http-server.ts";
import { readJson } from "./model.ts";

/** What one attempt's beats brought, and how they are answered. */
export type AttemptLog = {
  readonly beats: Recording<SeenBeat>;
  /** Repeated in every reply from here on. */
  directives: readonly Directive[];
  /** Beats that are still answered with 503, unstored. */
  refusals: number;
};

export type SeenBeat = {
  readonly beat: Beat;
  /** Whether the object took it. */
  readonly isStored: boolean;
};

export type ObjectStandIn = {
  readonly url: string;
  /** Takes the beats that bring this key. */
  readonly expect: (beatKey: string) => AttemptLog;
  /** Beats that brought no key that was expected, or were none; what was wrong with them. */
  readonly strays: () => readonly string[];
  readonly close: () => Promise<void>;
};

export const nextBeatMs = 200;

export async function startObject(port: number): Promise<ObjectStandIn> {
  const attempts = new Map<string, AttemptLog & { ack: number }>();
  const strays = createRecording<string>();
  const server = createServer((request, response) => void take(request, response));
  const tunnels = new Set<Duplex>();
  // Node's fetch opens a tunnel even for plain HTTP: what comes through it is a connection like any other
  server.on("connect", (_request, socket: Duplex) => {
    tunnels.add(socket);
    socket.on("error", () => undefined);
    socket.once("close", () => tunnels.delete(socket));
    socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
    server.emit("connection", socket);
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");

  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const json = await readJson(request);
    const address = new URL(request.url ?? "/", `http://${request.headers.host ?? ""}`);
    const key = /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1] ?? "";
    const attempt = attempts.get(key);
    const beat = Beat.safeParse(json);
    if (address.hostname !== BEAT_HOST || address.pathname !== BEAT_PATH) {
      strays.add(`a request for ${address.href}`);
      return answer(response, 404, { error: "not found", code: "not-found" });
    }
    if (!beat.success) {
      strays.add(`a beat that is none: ${beat.error.issues[0]?.message ?? ""}`);
      return answer(response, 400, { error: "malformed", code: "invalid-request" });
    }
    if (attempt === undefined) {
      strays.add("a beat without the key of its attempt");
      return answer(response, 401, { error: "unknown key", code: "invalid-beat-key" });
    }
    const isStored = attempt.refusals <= 0;
    attempt.refusals -= 1;
    if (isStored) for (const { seq } of beat.data.events) if (seq === attempt.ack + 1) attempt.ack = seq;
    attempt.beats.add({ beat: beat.data, isStored });
    if (!isStored) return answer(response, 503, { error: "not now", code: "internal-error" });
    const reply: BeatReply = { ack: attempt.ack, directives: [...attempt.directives], nextBeatMs };
    return answer(response, 200, reply);
  }

  return {
    url: `http://127.0.0.1:${port}`,
    expect: (beatKey) => {
      const log = { beats: createRecording<SeenBeat>(), directives: [], refusals: 0, ack: 0 };
      attempts.set(beatKey, log);
      return log;
    },
    strays: strays.all,
    close: async () => {
      for (const socket of tunnels) socket.destroy();
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.statusCode = status;
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify(body));
}
