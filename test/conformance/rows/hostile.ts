/** Requests and agents that mean harm. After each the harness answers and carries out a job. */

import { connect } from "node:net";
import { once } from "node:events";
import { demand, demandSame } from "../demand.ts";
import { type Row, group } from "../row.ts";
import { behave, emit } from "../world/behaviour.ts";
import { piEnd, piMessage, piSays, piSession } from "../world/events.ts";
import type { Kit } from "../world/kit.ts";
import { field } from "./protocol.ts";

const MiB = 1024 * 1024;

/** More than one string of the engine's holds. */
const floodMiB = 560;

async function demandLife(kit: Kit): Promise<void> {
  const health = await kit.client.send("GET", "/health").catch((error: unknown) => error);
  demand(field(health, "status") === 200, "/health to answer 200 afterwards", health);
  const { view } = await kit.run({ mode: "explore", behaviour: behave(emit(...piSays("alive"))) });
  demandSame("a job afterwards", view.result?.summary, "alive");
}

type Hostile = Pick<Row, "id" | "title" | "check"> & { readonly defects?: readonly number[] };

function hostile({ check, ...row }: Hostile) {
  return {
    ...row,
    isHostile: true,
    check: async (kit: Kit) => {
      await check(kit);
      await demandLife(kit);
    },
  };
}

export const hostileRows = group("hostile", [
  hostile({
    id: "hostile-requests",
    title: "what is no HTTP, breaks off or never comes to its end harms nobody",
    check: async ({ client, secret }) => {
      const key = secret === undefined ? "" : `x-harness-secret: ${secret}\r\n`;
      const post = `POST /jobs HTTP/1.1\r\nHost: kit\r\n${key}`;
      await client.raw("\u0000\u0001 nonsense\r\n\r\n", 1_000);
      await client.raw(`GET //../..%2f HTTP/1.1\r\nHost: kit\r\n${key}Connection: close\r\n\r\n`, 1_000);
      await client.raw(`${post}Content-Length: 100\r\n\r\n{`, 300);
      await client.raw(`${post}Transfer-Encoding: chunked\r\n\r\nZZ\r\n`, 1_000);
    },
  }),
  hostile({
    id: "slow-body",
    title: "a body that does not come keeps nobody waiting but its sender",
    check: async (kit) => {
      const { hostname, port } = new URL(kit.client.url);
      const socket = connect(Number(port), hostname);
      socket.on("error", () => undefined);
      await once(socket, "connect");
      const key = kit.secret === undefined ? "" : `x-harness-secret: ${kit.secret}\r\n`;
      socket.write(`POST /jobs HTTP/1.1\r\nHost: kit\r\n${key}Content-Length: 1000\r\n\r\n{"kind":`);
      await demandLife(kit);
      socket.destroy();
    },
  }),
  hostile({
    id: "hostile-bodies",
    title: "deep, poisoned and mistyped bodies are answered",
    check: async (kit) => {
      const job = await kit.plan({ mode: "explore", behaviour: behave(emit(...piSays("deep"))) });
      const open = JSON.stringify(job.body).slice(0, -1);
      const bodies = [
        `${open},"x":${"[".repeat(20_000)}${"]".repeat(20_000)}}`,
        "[".repeat(200_000),
        '{"kind":"agent","__proto__":{"mode":"explore"}}',
        '{"kind":"agent","mode":{"toString":1},"repo":[],"jobId":{}}',
        '{"kind":"agent","repo":"x","mode":"explore","contextFiles":[null,1,[]]}',
      ];
      for (const body of bodies) {
        const { status, text } = await kit.client.send("POST", "/jobs", { body });
        demand(status >= 200 && status < 500, "an answer below 500", `${status} ${text}`);
      }
    },
  }),
  hostile({
    id: "inherited-kinds",
    title: "kinds that every object inherits are unknown kinds",
    defects: [31],
    check: async (kit) => {
      for (const kind of ["constructor", "__proto__", "toString", "hasOwnProperty"]) {
        const { status, body } = await kit.client.send("POST", "/jobs", { body: JSON.stringify({ kind }) });
        demandSame(kind, [status, field(body, "error")], [404, `unknown job kind '${kind}'`]);
      }
    },
  }),
  hostile({
    id: "large-body",
    title: "a body of 120 MB is refused",
    defects: [30],
    check: async (kit) => {
      const job = await kit.plan({ mode: "explore", behaviour: behave(emit(...piSays("large"))) });
      const body = Buffer.alloc(120 * MiB, "x");
      body.write(`${JSON.stringify(job.body).slice(0, -1)},"more":"`);
      body.write('"}', body.byteLength - 2);
      const { status, text } = await unlessItIsCut(() => kit.client.send("POST", "/jobs", { body }));
      demand(status >= 400 && status < 500, "a refusal", `${status} ${text}`);
    },
  }),
  hostile({
    id: "flood",
    title: `an agent that prints ${floodMiB} MiB costs neither the harness nor the answer`,
    defects: [26],
    check: async (kit) => {
      const update = emit({ type: "message_update", message: piMessage("x".repeat(4_000)) });
      const behaviour = behave(
        emit(piSession),
        `yes "$(${update})" | head -c ${floodMiB * MiB}`,
        "echo",
        emit(...piEnd(piMessage("dry again"))),
      );
      const { view } = await kit.run({ mode: "explore", behaviour });
      demandSame("summary", [view.state, view.result?.summary], ["done", "dry again"]);
    },
  }),
  hostile({
    id: "malformed-escape",
    title: "a malformed escape in an id is 4xx",
    defects: [25],
    check: async (kit) => {
      const { status } = await kit.client.send("GET", "/jobs/%ZZ").catch(() => ({ status: 0 }));
      demand(status >= 400 && status < 500, "an answer below 500", status === 0 ? "no answer" : status);
    },
  }),
]);

const CUT = new Set(["EPIPE", "ECONNRESET"]);

/** Who refuses a body early may end the connection before its answer was read: it is asked again, three times in all. */
async function unlessItIsCut<T>(send: () => Promise<T>, tries = 3): Promise<T> {
  try {
    return await send();
  } catch (error) {
    const isCut = error instanceof Error && "code" in error && CUT.has(String(error.code));
    if (!isCut || tries === 1) throw error;
    return unlessItIsCut(send, tries - 1);
  }
}
