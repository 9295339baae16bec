/** The schemas a caller can meet, with the meaning of each field. */

import * as z from "zod";
import { JobAbout } from "../about.ts";
import { BoardPage, Card } from "../board.ts";
import { BundleHead, BundleLine } from "../bundle/line.ts";
import { CancelRequest, ExtendRequest, NativeDispatch } from "../dispatch.ts";
import { ErrorBody } from "../errors.ts";
import { EventsPage, ExecutionEvent, PrunedGap } from "../events.ts";
import { Health } from "../exchanges.ts";
import { BoardName, ExecutionId, JobId } from "../ids.ts";
import { FollowUp, JobResult, Progress, Span } from "../job-result.ts";
import {
  DeadlineView,
  DispatchAnswer,
  ExecutionView,
  ExitView,
  ExtendAnswer,
  JobView,
  StopAnswer,
  StopView,
} from "../job-view.ts";
import { Note } from "../note.ts";
import { Outcome, OutcomeCode } from "../outcomes.ts";
import { Policy, PolicyRequest } from "../policy.ts";
import { descriptions } from "./descriptions.ts";
import { JobRequest, JobSpec } from "./job-spec.ts";

/** Listed, not taken from zod's registry of all: that one holds what happens to be imported. */
export const components = [
  BoardName,
  BoardPage,
  BundleHead,
  BundleLine,
  CancelRequest,
  Card,
  DeadlineView,
  DispatchAnswer,
  ErrorBody,
  EventsPage,
  ExecutionEvent,
  ExecutionId,
  ExecutionView,
  ExitView,
  ExtendAnswer,
  ExtendRequest,
  FollowUp,
  Health,
  JobAbout,
  JobId,
  JobRequest,
  JobResult,
  JobSpec,
  JobView,
  NativeDispatch,
  Note,
  Outcome,
  OutcomeCode,
  Policy,
  PolicyRequest,
  Progress,
  PrunedGap,
  Span,
  StopAnswer,
  StopView,
] as const;

export type JsonSchema = Readonly<Record<string, unknown>>;

export function componentSchemas(): Readonly<Record<string, JsonSchema>> {
  const registry = z.registry<{ id: string; description?: string | undefined }>();
  for (const schema of components) {
    const { id, description } = z.globalRegistry.get(schema) ?? {};
    if (id === undefined) throw new Error("a schema of the API has no id");
    registry.add(schema, { id, description });
  }
  const document = z.toJSONSchema(registry, {
    target: "draft-2020-12",
    metadata: registry,
    uri: (id) => `#/components/schemas/${id}`,
    unrepresentable: "any",
  });
  return Object.fromEntries(
    Object.entries(document.schemas)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([id, { $id: _id, $schema: _schema, ...schema }]) => [id, explained(id, withSpec(id, schema))]),
  );
}

export function nameOf(schema: z.ZodType): string {
  return z.globalRegistry.get(schema)?.id ?? "";
}

export function reference(name: string) {
  return { $ref: `#/components/schemas/${name}` };
}

/** Parsed field by field and not by its schema, which would refuse what is to be dropped with a warning. */
function withSpec(id: string, schema: JsonSchema): JsonSchema {
  if (id !== nameOf(NativeDispatch) || !isSchema(schema["properties"])) return schema;
  return { ...schema, properties: { ...schema["properties"], spec: reference(nameOf(JobSpec)) } };
}

/** Every field with its description, by the path of names that leads to it; items and alternatives add no name. */
function explained(path: string, schema: JsonSchema): JsonSchema {
  return Object.fromEntries(
    Object.entries(schema).map(([key, value]) => {
      if (key === "properties" && isSchema(value)) return [key, explainedFields(path, value)];
      if (Array.isArray(value) && ["anyOf", "oneOf", "allOf"].includes(key)) {
        return [key, value.map((part) => (isSchema(part) ? explained(path, part) : part))];
      }
      return [key, key === "items" && isSchema(value) ? explained(path, value) : value];
    }),
  );
}

function explainedFields(path: string, fields: JsonSchema): JsonSchema {
  return Object.fromEntries(
    Object.entries(fields).map(([name, field]) => {
      const key = `${path}.${name}`;
      if (!isSchema(field)) return [name, field];
      const description = descriptions[key];
      return [name, { ...explained(key, field), ...(description !== undefined && { description }) }];
    }),
  );
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
