/**
 * The typed client of the HTTP API: its calls, parameters and answers follow from the endpoint table. It sends through what
 * it is given, so that the command line and the local programs share it. A refusal is a value. The page, which has no room
 * for zod, takes `client/unchecked.ts`, which is this without the parsing of answers.
 */

import type * as z from "zod";
import { createCaller } from "./client/caller.ts";
import type { Answered, Answers, CallableId, Client, ClientOptions } from "./client/calls.ts";
import { Exchanges } from "./exchanges.ts";

export { CallFailure } from "./client/call-failure.ts";
export type {
  Answer,
  Answered,
  Client,
  ClientOptions,
  Failed,
  Input,
  Opened,
  Polled,
  Reply,
  Sent,
} from "./client/calls.ts";

const schemas: { readonly [Id in CallableId]: { readonly answer: z.ZodType<Answers[Id]> } } = Exchanges;

export function createClient<R extends Answered>(options: ClientOptions<R>): Client<R> {
  return createCaller(options, (id, value) => {
    const parsed = schemas[id].answer.safeParse(value);
    return parsed.success ? parsed.data : undefined;
  });
}
