import * as z from "zod";

const Body = z.record(z.string(), z.unknown());

/** The fields of an event's own kind. */
export function bodyOf(row: { readonly body: string }): Record<string, unknown> {
  return Body.parse(JSON.parse(row.body));
}
