/**
 * The typed client for the page at `/`: the same calls, parameters and answers, inferred from the same table, and no zod in
 * the bundle (a test bundles it and looks). It believes that an answer is what its endpoint answers once it is a JSON object
 * and no refusal. That is for whoever was served by the Worker that it asks; everybody else takes `shared/client.ts`, which
 * parses.
 *
 *     const api = createUncheckedClient({ url: "", token, send: (to, sent) => fetch(to, { ...sent, signal }) });
 *     const reply = await api.poll("board", { path: { board: "main" }, query: { since, wait: 25 } }, etag);
 */

import { createCaller } from "./caller.ts";
import type { Answer, Answered, CallableId, Client, ClientOptions } from "./calls.ts";
import { isErrorBody, isObject } from "./failure.ts";

export type { Answer, Answered, Client, Failed, Input, Opened, Polled, Reply } from "./calls.ts";
export type { CallFailure } from "./call-failure.ts";

export function createUncheckedClient<R extends Answered>(options: ClientOptions<R>): Client<R> {
  return createCaller(options, (id, value) => (isBelieved(id, value) ? value : undefined));
}

function isBelieved<Id extends CallableId>(_id: Id, value: unknown): value is Answer<Id> {
  return isObject(value) && !isErrorBody(value);
}
