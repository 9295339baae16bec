import { refuse } from "../errors.ts";
import { BoardName, ExecutionId, JobId } from "../ids.ts";
import type { CallFailure } from "./failure.ts";

const parameters = { executionId: ExecutionId, jobId: JobId, board: BoardName } as const;
export type PathParameter = keyof typeof parameters;

export type Address =
  | { readonly kind: "path"; readonly path: string }
  | { readonly kind: "failed"; readonly failure: CallFailure };

/** Fills in a path of the endpoint table. What is no id, or would be read as a step through the path, is refused. */
export function toPath(pattern: string, values: Readonly<Partial<Record<PathParameter, string>>>): Address {
  const wrong: string[] = [];
  const path = pattern.replaceAll(/\{(\w+)\}/g, (_all, name: string) => {
    const value = isParameter(name) ? values[name] : undefined;
    const isId = isParameter(name) && parameters[name].safeParse(value).success;
    if (value === undefined || !isId || /^\.\.?$/.test(value)) wrong.push(`${name} '${value ?? ""}'`);
    else return encodeURIComponent(value);
    return "";
  });
  if (wrong.length === 0) return { kind: "path", path };
  const { code, error } = refuse("invalid-id", `no request can be made for ${wrong.join(", ")}`);
  return { kind: "failed", failure: { code, error, status: null, requestId: null, retryable: false } };
}

function isParameter(name: string): name is PathParameter {
  return Object.hasOwn(parameters, name);
}
