import { once } from "node:events";
import { type ServerResponse, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { BEAT_PATH, Beat, type BeatReply, type Directive } from "../../../shared/beat.ts";
import type { NumberedEvent } from "../../../container/beats/outbox.ts";
import { ModelObject } from "./model-object.ts";

export type SeenBeat = {
  readonly beat: Beat;
  readonly authorization: string | undefined;
  readonly bytes: number;
};

/** How the server answers a beat; `store` is what an object does. */
export type Behaviour =
  | { readonly kind: "store"; readonly directives: readonly Directive[] }
  | { readonly kind: "store" | "store-and-cut" | "cut" | "hold" }
  | { readonly kind: "answer"; readonly status: number; readonly body: unknown };

export type ObjectServer = {
  readonly url: string;
  readonly object: ModelObject;
  readonly seen: readonly SeenBeat[];
  nextBeatMs: number;
  /** Chosen for each beat as it comes in. */
  behave: (beat: Beat, index: number) => Behaviour;
  /** The beat of this index, waiting until it is there. */
  readonly nth: (index: number) => Promise<SeenBeat>;
  /** The first beat of which this holds, waiting until there is one. */
  readonly first: (condition: (beat: Beat) => boolean) => Promise<SeenBeat>;
};

/** A real HTTP server that takes beats as the object does, or as a test orders. */
export async function startObject(): Promise<ObjectServer> {
  const seen: SeenBeat[] = [];
  const object = new ModelObject();
  const watchers = new Set<() => void>();
  const held: ServerResponse[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(Buffer.from(chunk));
      const body = Buffer.concat(chunks);
      const beat = Beat.parse(JSON.parse(body.toString()));
      seen.push({ beat, authorization: request.headers.authorization, bytes: body.byteLength });
      for (const look of watchers) look();
      const behaviour = answers.behave(beat, seen.length - 1);
      switch (behaviour.kind) {
        case "store":
        case "store-and-cut": {
          const ack = object.take(toNumbered(beat));
          if (behaviour.kind === "store-and-cut") return void request.socket.destroy();
          const directives = "directives" in behaviour ? behaviour.directives : [];
          const reply: BeatReply = { ack, directives: [...directives], nextBeatMs: answers.nextBeatMs };
          return void response.end(JSON.stringify(reply));
        }
        case "cut":
          return void request.socket.destroy();
        case "hold":
          return void held.push(response);
        case "answer":
          response.statusCode = behaviour.status;
          return void response.end(JSON.stringify(behaviour.body));
      }
    })();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  });
  const until = <T>(find: () => T | undefined): Promise<T> =>
    new Promise((resolve) => {
      const look = (): void => {
        const found = find();
        if (found === undefined) return;
        watchers.delete(look);
        resolve(found);
      };
      watchers.add(look);
      look();
    });
  const answers: ObjectServer = {
    url: `http://127.0.0.1:${portOf(server.address())}${BEAT_PATH}`,
    object,
    seen,
    nextBeatMs: 60_000,
    behave: () => ({ kind: "store" }),
    nth: (index) => until(() => seen[index]),
    first: (condition) => until(() => seen.find(({ beat }) => condition(beat))),
  };
  return answers;
}

function portOf(address: string | AddressInfo | null): number {
  if (typeof address !== "object" || address === null) throw new Error("the server has no port");
  return address.port;
}

function toNumbered(beat: Beat): readonly NumberedEvent[] {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the schema's loose objects hold these very fields
  return beat.events as unknown as readonly NumberedEvent[];
}
