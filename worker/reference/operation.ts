/** One operation: what it does and takes on the left, what one types and gets on the right. */

import { codeBox, exampleBox } from "./code.ts";
import type { Content, Description, Mounted, Parameter } from "./description.ts";
import { type Html, anchor, markup, prose } from "./html.ts";
import { fieldRow, fieldsOf, nameIn, typeOf } from "./schema.ts";

export function operationArticle(operation: Mounted, description: Description): Html {
  const { operationId, method, path, summary, parameters, requestBody } = operation;
  const id = anchor("op", operationId);
  const asked = requestBody && bodyGroup(requestBody, description);
  return markup`<article id="${id}" aria-labelledby="${id}-h">
    <div class="words">
      <h3 id="${id}-h"><a href="#${id}">${prose(summary)}</a></h3>
      <p class="route"><b class="method ${method}">${method}</b> <code>${breakable(path)}</code></p>
      <p class="needs">${doorWords(operation)}</p>
      <p>${prose(operation.description)}</p>
      ${parameterGroup("Path", "path", parameters)}${parameterGroup("Query", "query", parameters)}${parameterGroup("Headers", "header", parameters)}
      ${asked ?? null}
      <h4>Answers</h4>
      ${successList(operation)} ${refusalList(operation, description)}
    </div>
    <div class="samples">${samplesOf(operation)}</div>
  </article>`;
}

/** Where a long path may be broken. */
function breakable(path: string): Html {
  return markup`${path.split("/").map((part, index) => markup`${index > 0 && markup`/<wbr />`}${part}`)}`;
}

function doorWords(operation: Mounted): Html {
  const scope = operation["x-holt-scope"];
  const door = operation["x-holt-door"] === "job" ? "job protocol" : "native API";
  const needs = scope === "open" ? markup`Open: no token` : markup`Needs the scope <code>${scope}</code>`;
  return markup`${needs} · ${door} · operation <code>${operation.operationId}</code>`;
}

/** With the fields of the schema that it names, and links to what these name. */
function bodyGroup(
  { required, content }: NonNullable<Mounted["requestBody"]>,
  { components }: Description,
): Html {
  const fields = Object.values(content).map(({ schema }) => {
    const named = schema.$ref === undefined ? schema : (components.schemas[nameIn(schema.$ref)] ?? schema);
    const base =
      named.allOf !== undefined && markup`<p>All fields of ${typeOf(named.allOf[0] ?? {})}, and:</p>`;
    return markup`${base}${fieldsOf(named)}`;
  });
  return markup`<h4>Body <span class="note">${required ? "required" : "optional"}</span></h4>
    <p>${typesOf(content)}</p>
    ${fields}`;
}

function typesOf(content: Content): Html {
  return markup`${Object.entries(content).map(
    ([media, { schema }], index) =>
      markup`${index > 0 && " or "}${typeOf(schema)} <span class="media">${media}</span>`,
  )}`;
}

function parameterGroup(title: string, place: string, parameters: readonly Parameter[]): Html | null {
  const rows = parameters
    .filter((parameter) => parameter.in === place)
    .map(({ name, schema, required, description }) =>
      fieldRow({ name, schema, note: required ? "required" : "optional", words: description }),
    );
  return rows.length === 0
    ? null
    : markup`<h4>${title}</h4>
        <dl class="fields">${rows}</dl>`;
}

function successList({ responses }: Mounted): Html {
  const rows = Object.entries(responses)
    .filter(([status]) => Number(status) < 400)
    .map(([status, { description, content = {}, headers = {} }]) => {
      const named = Object.keys(headers).map(
        (name, index) => markup`${index > 0 && ", "}<code>${name}</code>`,
      );
      return markup`<div class="field">
        <dt><b class="status">${status}</b> <span class="type">${typesOf(content)}</span></dt>
        <dd>
          <p>${prose(description)}</p>
          ${named.length > 0 && markup`<p class="headers">with ${named}</p>`}
        </dd>
      </div>`;
    });
  return markup`<dl class="fields">${rows}</dl>`;
}

function refusalList({ responses }: Mounted, description: Description): Html | null {
  const codes = new Set(
    Object.entries(responses)
      .filter(([status]) => Number(status) >= 400)
      .flatMap(([, { content = {} }]) =>
        Object.values(content).flatMap(({ examples = {} }) => Object.keys(examples)),
      ),
  );
  const rows = description["x-holt-errors"]
    .filter(({ code }) => codes.has(code))
    .map(
      ({ code, status, retryable, when }) =>
        markup`<div>
          <dt>
            <b class="status">${status}</b>
            <a href="#${anchor("error", code)}"><code>${code}</code></a> ${retryMark(retryable)}
          </dt>
          <dd>${prose(when)}</dd>
        </div>`,
    );
  return rows.length === 0
    ? null
    : markup`<h4>Errors</h4>
        <dl class="codes">${rows}</dl>`;
}

export function retryMark(retryable: boolean): Html {
  return retryable
    ? markup`<span class="retry">a retry helps</span>`
    : markup`<span class="no-retry">no retry</span>`;
}

function samplesOf(operation: Mounted): Html {
  const { requestBody, responses, operationId } = operation;
  const commands = operation["x-codeSamples"].map(({ label, source }) => codeBox(label, operationId, source));
  const asked = Object.values(requestBody?.content ?? {}).map(({ example }) =>
    exampleBox("Body", operationId, example),
  );
  const answers = Object.entries(responses)
    .filter(([status]) => Number(status) < 300)
    .flatMap(([status, { content = {} }]) =>
      Object.entries(content).map(([media, { example }]) =>
        exampleBox(`${status} ${media}`, operationId, example),
      ),
    );
  return markup`${commands}${commands.length === 0 && asked}${answers}`;
}
