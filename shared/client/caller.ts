/** The client itself, but for how an answer is told from something else. */

import { type Endpoint, type EndpointId, Endpoints } from "../endpoints.ts";
import { parseJson } from "../json.ts";
import type {
  Answer,
  Answered,
  CallableId,
  Client,
  ClientOptions,
  Failed,
  Input,
  Opened,
  Polled,
  Reply,
} from "./calls.ts";
import { toFailure, unreachable } from "./failure.ts";
import { toPath } from "./path.ts";

/** The answer of an endpoint as its type has it; undefined where the value is none. */
export type ReadAnswer = <Id extends CallableId>(id: Id, value: unknown) => Answer<Id> | undefined;

export function createCaller<R extends Answered>(
  options: ClientOptions<R>,
  readAnswer: ReadAnswer,
): Client<R> {
  const open = async <Id extends EndpointId>(
    id: Id,
    input: Input<Id>,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Opened<R>> => {
    const address = toPath(rowOf(id).path, input.path);
    if (address.kind === "failed") return address;
    const { body } = input;
    const url = `${options.url.replace(/\/+$/, "")}${address.path}${toSearch(input.query ?? {})}`;
    try {
      const response = await options.send(url, {
        method: rowOf(id).method,
        headers: {
          accept: "application/json",
          ...(options.token !== null && { authorization: `Bearer ${options.token}` }),
          ...(body !== undefined && { "content-type": "application/json" }),
          ...headers,
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      if (response.ok || response.status === 304) return { kind: "open", response };
      return toFailed(response, await response.text());
    } catch (error) {
      return { kind: "failed", failure: unreachable(options.url, error) };
    }
  };
  const poll = async <Id extends CallableId>(
    id: Id,
    input: Input<Id>,
    etag: string | null,
  ): Promise<Polled<Answer<Id>>> => {
    const opened = await open(id, input, etag === null ? {} : { "if-none-match": etag });
    if (opened.kind === "failed") return opened;
    const { response } = opened;
    if (response.status === 304 && etag !== null) return { kind: "unchanged" };
    const text = await response.text().catch((error: unknown) => unreachable(options.url, error));
    if (typeof text !== "string") return { kind: "failed", failure: text };
    const value = readAnswer(id, parseJson(text));
    return value === undefined
      ? toFailed(response, text)
      : { kind: "answer", value, etag: response.headers.get("etag") };
  };
  const call = async <Id extends CallableId>(id: Id, input: Input<Id>): Promise<Reply<Answer<Id>>> => {
    const reply = await poll(id, input, null);
    if (reply.kind !== "unchanged") return reply;
    throw new Error("a call without a tag cannot be unchanged");
  };
  return { call, poll, open };
}

function toFailed(response: Answered, text: string): Failed {
  const seconds = /^\d{1,5}$/.exec(response.headers.get("retry-after") ?? "")?.[0];
  const retryAfter = seconds === undefined ? {} : { retryAfterMs: Number(seconds) * 1_000 };
  return { kind: "failed", failure: toFailure(response, text), ...retryAfter };
}

function rowOf(id: EndpointId): Endpoint {
  const row = Endpoints.find((endpoint) => endpoint.id === id);
  if (row === undefined) throw new Error(`no endpoint '${id}'`);
  return row;
}

function toSearch(query: Readonly<Record<string, string | number | undefined>>): string {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) given.set(name, String(value));
  const text = given.toString();
  return text === "" ? "" : `?${text}`;
}
