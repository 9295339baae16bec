/** A dispatch from a file and flags: what a person typed → what the API takes. Pure. */
import type * as z from "zod";
import { NativeDispatch } from "../shared/dispatch.ts";
import { parseJson } from "../shared/json.ts";
import { parsePairs } from "./command.ts";
import { misuse } from "./exit-code.ts";
import { parsePolicy } from "./policy-flags.ts";

/** Flags as `parseArgs` gives them. */
export type DispatchFlags = {
  readonly execution?: string | undefined;
  readonly job?: string | undefined;
  readonly board?: string | undefined;
  readonly label?: readonly string[] | undefined;
  readonly policy?: readonly string[] | undefined;
  readonly instance?: string | undefined;
  readonly image?: string | undefined;
  readonly again?: boolean | undefined;
  readonly mode?: string | undefined;
  readonly harness?: string | undefined;
  readonly model?: string | undefined;
  readonly system?: string | undefined;
  readonly prompt?: string | undefined;
  readonly repo?: string | undefined;
  readonly base?: string | undefined;
  readonly branch?: string | undefined;
  readonly pr?: string | undefined;
  readonly set?: readonly string[] | undefined;
  readonly env?: readonly string[] | undefined;
};

export type Dispatch = { readonly executionId: string | null; readonly body: NativeDispatch };
type Fields = Readonly<Record<string, unknown>>;

/**
 * @param file what a file holds: a dispatch of the native API, with an `executionId` beside it where it likes, or a body of
 * the job protocol
 */
export function makeDispatch(
  file: Fields,
  flags: DispatchFlags,
  outside: { readonly env: Readonly<Record<string, string | undefined>>; readonly randomName: () => string },
): Dispatch {
  const { executionId: named, kind: _kind, ...rest } = file;
  const base: Fields = isFields(rest["spec"]) ? rest : toNative(rest);
  if (named !== undefined && typeof named !== "string")
    throw misuse(`executionId: a name in quotes is expected, not ${JSON.stringify(named)}`);
  const execution = flags.execution ?? named ?? null;
  const jobId = flags.job ?? base["jobId"] ?? newJobId(execution, outside.randomName);
  const before = { ...(isFields(base["spec"]) ? base["spec"] : {}), ...specOf(flags) };
  const spec = { ...setFields(before, flags.set ?? []), ...fromEnvironment(flags.env ?? [], outside.env) };
  const parsed = NativeDispatch.safeParse({
    ...base,
    jobId,
    ...(flags.board !== undefined && { board: flags.board }),
    ...merged(base, "labels", parsePairs(flags.label ?? [], "label")),
    ...merged(base, "policy", parsePolicy(flags.policy ?? [])),
    ...(flags.instance !== undefined && { instance: flags.instance }),
    ...(flags.image !== undefined && { image: flags.image }),
    ...(flags.again === true && { again: true }),
    spec,
  });
  if (!parsed.success) throw misuse(describeIssues(parsed.error));
  return { executionId: execution, body: parsed.data };
}

/** The first few, each with its place. */
export function describeIssues(error: z.ZodError): string {
  return error.issues
    .slice(0, 5)
    .map(({ path, message }) => `${path.map(String).join(".") || "the dispatch"}: ${message}`)
    .join("; ");
}

/** A body of the job protocol has the fields of the spec beside the job's id. */
function toNative({ jobId, ...spec }: Fields): Fields {
  return { ...(jobId !== undefined && { jobId }), spec };
}

/** A job of an execution whose name the rule of the job protocol finds again in the job's. */
function newJobId(execution: string | null, randomName: () => string): string {
  return execution === null ? `cli_${randomName()}-job` : `${execution}-${randomName()}`;
}

function merged(base: Fields, name: "labels" | "policy", given: Fields): Fields {
  return Object.keys(given).length === 0 ? {} : { [name]: over(base[name], given) };
}

/** What is given goes before what was there, name by name; what was there and has no names is for the schema to refuse. */
function over(before: unknown, given: Fields): unknown {
  if (before === undefined) return given;
  if (!isFields(before)) return before;
  const entries = Object.entries(given).map(([name, value]) => [
    name,
    isFields(value) ? over(before[name], value) : value,
  ]);
  return { ...before, ...Object.fromEntries(entries) };
}

function specOf(flags: DispatchFlags): Fields {
  const { mode, harness, model, system, prompt, repo, base, branch, pr } = flags;
  const baseBranch = base ?? "main";
  return {
    ...(mode !== undefined && { mode }),
    ...(harness !== undefined && { harness }),
    ...(model !== undefined && { model }),
    ...(system !== undefined && { systemPrompt: system }),
    ...(prompt !== undefined && { userPrompt: prompt }),
    ...(repo !== undefined && { repo: { ...parseRepo(repo), baseBranch }, branch: baseBranch }),
    ...(repo === undefined && base !== undefined && { branch: base }),
    ...(branch !== undefined && { newBranch: branch, pushBranch: branch }),
    ...(pr !== undefined && { pr: { title: pr } }),
  };
}

/** `https://host/owner/name(.git)`; the owner may have several parts, as on GitLab. */
export function parseRepo(text: string): Readonly<Record<"owner" | "name" | "cloneUrl", string>> {
  const url = URL.canParse(text) ? new URL(text) : null;
  const parts = url?.pathname.replace(/^\/+|\/+$/g, "").split("/") ?? [];
  const name = parts.at(-1)?.replace(/\.git$/, "") ?? "";
  const owner = parts.slice(0, -1).join("/");
  if (url === null || name === "" || owner === "") {
    throw misuse(`--repo takes an address such as https://github.com/owner/name, not '${text}'`);
  }
  if (url.username !== "" || url.password !== "") {
    throw misuse("--repo takes no credentials: use --env ghToken=VARIABLE");
  }
  return { owner, name, cloneUrl: text.endsWith(".git") ? text : `${text.replace(/\/+$/, "")}.git` };
}

/** A value that is JSON is taken as what it says, everything else as text; dots lead into objects. */
function setFields(spec: Fields, pairs: readonly string[]): Fields {
  let fields = spec;
  for (const [path, text] of Object.entries(parsePairs(pairs, "set"))) {
    const value = parseJson(text);
    fields = assign(fields, path.split("."), value === undefined ? text : value);
  }
  return fields;
}

function assign(fields: Fields, [name = "", ...rest]: readonly string[], value: unknown): Fields {
  if (rest.length === 0) return { ...fields, [name]: value };
  const before = fields[name];
  return { ...fields, [name]: assign(isFields(before) ? before : {}, rest, value) };
}

function fromEnvironment(
  pairs: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Fields {
  const entries = Object.entries(parsePairs(pairs, "env")).map(([field, variable]) => {
    const value = env[variable];
    if (value === undefined || value === "") throw misuse(`--env ${field}: ${variable} is not set`);
    return [field, value] as const;
  });
  return Object.fromEntries(entries);
}

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
