import * as z from "zod";
import { type EndpointId, Endpoints } from "../../../shared/endpoints.ts";
import { openapiDocument } from "../../../shared/openapi.ts";

const Example = z.object({ schema: z.looseObject({}), example: z.unknown() });
const Parameter = z.object({
  name: z.string(),
  in: z.enum(["path", "query", "header"]),
  description: z.string().min(1),
  schema: z.looseObject({}),
  example: z.union([z.string(), z.number()]),
});
const Answer = z.object({
  description: z.string().min(1),
  headers: z.record(z.string(), z.looseObject({})),
  content: z
    .record(
      z.string(),
      z.looseObject({
        example: z.unknown().optional(),
        examples: z.record(z.string(), z.unknown()).optional(),
      }),
    )
    .optional(),
});

/** What every operation must have; strict, so that a part nobody tests is not added unseen. */
export const Operation = z.strictObject({
  operationId: z.string(),
  summary: z.string().min(1),
  description: z.string().min(40),
  tags: z.array(z.string()).length(1),
  "x-holt-scope": z.enum(["open", "read", "dispatch"]),
  "x-holt-door": z.enum(["job", "native"]),
  security: z.array(z.record(z.string(), z.array(z.string()))),
  parameters: z.array(Parameter).optional(),
  requestBody: z
    .object({ required: z.boolean(), content: z.object({ "application/json": Example }) })
    .optional(),
  responses: z.record(z.string(), Answer),
  "x-codeSamples": z
    .array(z.object({ lang: z.literal("Shell"), label: z.string().min(1), source: z.string() }))
    .min(1),
});

const Document = z.looseObject({
  tags: z.array(z.object({ name: z.string(), description: z.string() })),
  paths: z.record(z.string(), z.record(z.string(), Operation)),
  components: z.looseObject({
    schemas: z.record(z.string(), z.looseObject({})),
    examples: z.record(z.string(), z.object({ summary: z.string(), value: z.unknown() })),
  }),
});

/** As it goes over the wire. */
export const document = Document.parse(JSON.parse(JSON.stringify(openapiDocument("0.1.0"))));

export function operationOf(id: EndpointId): z.infer<typeof Operation> {
  const row = Endpoints.find((endpoint) => endpoint.id === id);
  const operation = document.paths[row?.path ?? ""]?.[row?.method.toLowerCase() ?? ""];
  if (operation === undefined) throw new Error(`no operation '${id}'`);
  return operation;
}

/** The codes that the answers of an operation show, with the status that they stand under. */
export function codesOf(id: EndpointId): ReadonlyArray<readonly [code: string, status: number]> {
  return Object.entries(operationOf(id).responses).flatMap(([status, { content = {} }]) =>
    Object.values(content).flatMap(({ examples = {} }) =>
      Object.keys(examples).map((code) => [code, Number(status)] as const),
    ),
  );
}
