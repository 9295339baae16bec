import type { Refusal } from "../../shared/errors.ts";
import type { JobView } from "../../shared/job-view.ts";
import { Limits } from "../../shared/limits.ts";
import type { ViewRead } from "../execution/rpc.ts";
import { json, unchanged } from "./call.ts";
import { fitView } from "../execution/reading/fit-view.ts";
import { etagOf } from "./query.ts";

/** A read as HTTP: the view within its size, or 304 while the caller's revision is the newest. */
export function viewResponse(read: ViewRead | Refusal): Response | Refusal {
  if (!read.ok) return read;
  if ("unchanged" in read) return unchanged({ etag: etagOf(read.revision) });
  return json(fitView(read.view, Limits.viewBytes), 200, { etag: etagOf(read.view.revision) });
}

/** The view with its result whole; only the rest of it is held to the size. */
export function fullViewResponse(view: JobView, resultText: string | null): Response {
  const { result: _, ...rest } = view;
  const fitted = fitView(rest, Limits.viewBytes);
  const body = resultText === null ? fitted : { ...fitted, result: JSON.parse(resultText) as unknown };
  return json(body, 200, { etag: etagOf(view.revision) });
}
