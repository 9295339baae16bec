/** What the description of the API says of each endpoint beyond its row of the table. */

import type { EndpointId } from "../endpoints.ts";
import type { ErrorCode } from "../error-codes.ts";
import * as examples from "./examples.ts";

export type Tag = "service" | "boards" | "jobs" | "executions" | "job protocol";

export type Sample = {
  readonly label: string;
  readonly query?: Readonly<Record<string, string | number>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly flags?: readonly string[];
  readonly shellBody?: string;
};

export type OperationText = {
  readonly tag: Tag;
  readonly description: string;
  /** Beyond what the row of the table brings with it. */
  readonly refusals?: readonly ErrorCode[];
  /** Of the path; where absent, those that all examples share. */
  readonly ids?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly answer?: unknown;
  readonly stream?: string;
  readonly samples: readonly Sample[];
};

const dispatching = [
  "invalid-job",
  "not-available-yet",
  "sealing-not-configured",
  "being-released",
  "execution-full",
] as const;
const curl = [{ label: "curl" }] as const;
const ofProtocol = { jobId: examples.jobRequest.jobId };

export const Operations: Readonly<Record<EndpointId, OperationText>> = {
  health: {
    tag: "service",
    description:
      "For load balancers and for whoever wants to know which version is deployed. Touches nothing behind the Worker.",
    answer: { status: "ok", version: "0.1.0" },
    samples: curl,
  },
  root: {
    tag: "service",
    description:
      "With `accept: text/html` the page at which people look; it holds no data and needs no token. Everything else is answered with a sign of life behind authentication, so that a client can check its address and its token at once.",
    answer: { status: "ok" },
    samples: curl,
  },
  openapi: {
    tag: "service",
    description: "OpenAPI 3.1, for generators and tools. What you are reading is made of it.",
    answer: { openapi: "3.1.0", info: { title: "Holt", version: "0.1.0" } },
    samples: curl,
  },
  docs: {
    tag: "service",
    description:
      "The same description for people, as one page of HTML without script and without anything from another origin.",
    stream: '<!doctype html>\n<html lang="en">\n…',
    samples: [{ label: "curl", flags: ["-o holt-api.html"] }],
  },
  "dispatch-job": {
    tag: "job protocol",
    description:
      "What clients of the harness protocol send: a Holt address can stand where a harness's stood. The answer comes once the job is stored, sealed, and its alarm armed; it never waits for a container. Dispatching a known id again re-attaches to the job, or begins a new round where its end was delivered or it was released. Any number of dispatches of one id, also at once, start one container.",
    refusals: ["unknown-job-kind", ...dispatching],
    body: examples.jobRequest,
    answer: examples.protocolDispatched,
    samples: curl,
  },
  "read-job": {
    tag: "job protocol",
    description:
      "Without `after` it answers at once and takes delivery: spans and follow-ups are handed out, and the answer that carries the end marks it as delivered. With `after` it takes nothing, needs no more than the scope `read`, and may wait or answer 304, where no span or follow-up is stored after that cursor; the `cursor` of the answer is the one to ask after next. It keeps the room of the log tail for telemetry.",
    refusals: ["job-not-found"],
    ids: ofProtocol,
    answer: examples.protocolView,
    samples: [{ label: "Take delivery" }, { label: "Take nothing", query: { after: 0 } }],
  },
  "stop-job": {
    tag: "job protocol",
    description:
      "Cancels the job; an id that is an execution's own name releases the whole execution. The answer comes when the stop is proved, or after 20 seconds with what is so at that time. Repeating it is harmless. An id never seen answers `done`, and nothing is written for it.",
    ids: ofProtocol,
    answer: examples.protocolStopped,
    samples: curl,
  },
  dispatch: {
    tag: "jobs",
    description:
      "Stores a job and answers before any container has started. Strict: a field that is not in the schema refuses the request. Sending it again is harmless: a live job with the same spec is re-attached. An ended job is refused as `already-finished` unless `again` is true or it was released.",
    refusals: ["invalid-request", "wrong-execution", "spec-differs", "already-finished", ...dispatching],
    body: examples.nativeDispatch,
    answer: examples.dispatched,
    samples: curl,
  },
  execution: {
    tag: "executions",
    description:
      "All jobs of an execution, its live container and its deadlines. With `If-None-Match` it answers 304 while nothing has changed, and with `wait` it waits for a change first.",
    refusals: ["execution-not-found"],
    answer: examples.executionView,
    samples: curl,
  },
  job: {
    tag: "jobs",
    description:
      "Everything one may know of a job: what it does, what will stop it and when, and how it ended. Never takes delivery. With `If-None-Match` it answers 304 while the revision is the newest, and with `wait` it waits for a change first. The clock, ages and remaining times do not change the revision.",
    refusals: ["job-not-found"],
    answer: examples.jobView,
    samples: [
      { label: "curl" },
      { label: "With the whole result", query: { result: "full" } },
      {
        label: "Wait for a change",
        query: { wait: 2 },
        headers: { "if-none-match": `"${examples.jobView.revision}"` },
      },
    ],
  },
  cancel: {
    tag: "jobs",
    description:
      "The answer comes when the container's death is proved, or after 20 seconds with what is so at that time; then `status` is `stopping`, and the stop goes on. A cancel that is stored forbids every later start. Repeating it is harmless. An id never seen answers `done`, and nothing is written for it.",
    refusals: ["invalid-request"],
    body: examples.cancelRequest,
    answer: examples.stopped,
    samples: curl,
  },
  extend: {
    tag: "jobs",
    description:
      "The deadline then stands no earlier than `until`, at most a day ahead. It answers when the deadline stands. Repeating it is harmless, and asking for less than stands changes nothing.",
    refusals: ["invalid-request", "job-not-found", "already-fired"],
    body: examples.extendRequest,
    answer: examples.extended,
    samples: [
      {
        label: "Two hours from now",
        shellBody: '{"deadline": "max-duration", "until": $(( ($(date +%s) + 7200) * 1000 ))}',
      },
    ],
  },
  events: {
    tag: "executions",
    description:
      "Read from page to page, every cursor comes once, as an event or in a gap. A page ends after 1 MiB of events, whatever the limit. With `wait` the answer comes as soon as there is an event after the cursor. With `accept: text/event-stream` the same address streams: `Last-Event-ID` takes the stream up again, and nothing is missed or doubled. A cursor beyond the newest is refused: the name was used again after its retention, and its log is to be read from 0.",
    refusals: ["execution-not-found"],
    answer: examples.eventsPage,
    stream: examples.eventStream,
    samples: [
      { label: "A page", query: { after: 0, limit: 50 } },
      { label: "As a stream", query: { after: 0 }, headers: { accept: "text/event-stream" }, flags: ["-N"] },
    ],
  },
  bundle: {
    tag: "executions",
    description:
      "Everything that is kept of an execution, as lines of JSON. `prev` is the SHA-256 of the line before, so that a bundle cannot be changed unseen; the view of an ended job names the hash of the line that says how it ended. A bundle without its last line broke off. `holt verify` checks one.",
    refusals: ["execution-not-found"],
    stream: examples.bundle,
    samples: [{ label: "curl", flags: ["-o exec_4f2.ndjson"] }],
  },
  release: {
    tag: "executions",
    description:
      "Stops every job and destroys the container. It is no tombstone: a later dispatch of any of its jobs, ended ones too, begins a new round in a fresh container. Repeating it is harmless, also for a name never seen.",
    answer: examples.released,
    samples: curl,
  },
  board: {
    tag: "boards",
    description:
      "Begin without `since`, then ask with `next` of the page before. Where `reset` is true forget all cards; then drop the cards of the executions in `removed`; then put each of `cards` in place of the one with the same `executionId` and `jobId`. While `more` is true ask again at once, else with `wait`, or after `nextMs`. Reading a board wakes no execution.",
    answer: examples.boardPage,
    samples: [
      { label: "curl" },
      { label: "What has changed since", query: { since: examples.boardPage.next, wait: 1 } },
    ],
  },
};
