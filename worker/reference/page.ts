/** The API's description as one page of HTML: no script, nothing from elsewhere, every text of the description escaped. */

import { codeBox, exampleBox } from "./code.ts";
import { type Description, type Mounted, operationsOf, type Schema } from "./description.ts";
import { type Html, anchor, markup, prose } from "./html.ts";
import { operationArticle, retryMark } from "./operation.ts";
import { boundsOf, fieldsOf, paragraphs, typeOf } from "./schema.ts";
import { style } from "./style.ts";

export function renderReference(description: Description): string {
  const { info } = description;
  const operations = operationsOf(description);
  const head = markup`<meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>${info.title} API ${info.version}</title>
    <link rel="icon" href="data:," /> `;
  const body = markup`<a class="skip" href="#content">Skip to the content</a>
    <header>
      <strong><a href="/docs">${info.title} API</a></strong> <span class="version">${info.version}</span>
      <a href="/openapi.json">openapi.json</a> <a class="to-contents" href="#contents">Contents</a>
    </header>
    <div class="page">
      ${contents(description, operations)}
      <main id="content" tabindex="-1">
        ${introduction(description)} ${description.tags.map((tag) => section(tag, operations, description))}
        ${errors(description)} ${outcomes(description)} ${schemas(description)}
      </main>
    </div>`;
  return `<!doctype html>\n<html lang="en">\n<head>\n${head.toString()}<style>${style}</style>\n</head>\n<body>\n${body.toString()}\n</body>\n</html>\n`;
}

function contents({ tags, components }: Description, operations: readonly Mounted[]): Html {
  const groups = tags.map(({ name }) => {
    const items = operations
      .filter((operation) => operation.tags.includes(name))
      .map(
        ({ operationId, summary }) =>
          markup`<li><a href="#${anchor("op", operationId)}">${prose(summary)}</a></li>`,
      );
    return markup`<li>
      <a class="group" href="#${anchor("tag", name)}">${name}</a>
      <ul>
        ${items}
      </ul>
    </li>`;
  });
  const named = Object.keys(components.schemas).map(
    (name) => markup`<li><a href="#${anchor("schema", name)}">${name}</a></li>`,
  );
  return markup`<nav id="contents" aria-label="Contents">
    <ul>
      <li><a class="group" href="#introduction">Introduction</a></li>
      ${groups}
      <li><a class="group" href="#errors">Errors</a></li>
      <li><a class="group" href="#outcomes">Outcomes</a></li>
      <li>
        <a class="group" href="#schemas">Schemas</a>
        <ul class="named">
          ${named}
        </ul>
      </li>
    </ul>
  </nav>`;
}

function introduction({ info, components }: Description): Html {
  const ways = Object.values(components.securitySchemes).map(({ name = "authorization", description }) =>
    headerRow(name, description),
  );
  const told = Object.entries(components.headers).map(([name, { description }]) =>
    headerRow(name, description),
  );
  const shell = `export HOLT_URL=https://holt.example.com\nexport HOLT_TOKEN=…   # npm run token prints one`;
  return markup`<section id="introduction" aria-labelledby="introduction-h" class="split">
    <div class="words">
      <h1 id="introduction-h">${info.title} API</h1>
      <p>${prose(info.description)}</p>
      <h2>Who may call</h2>
      <p>
        Every route but the open ones takes a credential in one of these headers. The scope
        <code>dispatch</code> includes <code>read</code>. Each caller may make 600 requests a minute.
      </p>
      <dl class="fields">${ways}</dl>
      <h2>Headers of answers</h2>
      <dl class="fields">${told}</dl>
    </div>
    <div class="samples">${codeBox("The commands on this page expect", "Introduction", shell)}</div>
  </section>`;
}

function headerRow(name: string, words: string): Html {
  return markup`<div class="field">
    <dt><code class="name">${name}</code></dt>
    <dd><p>${prose(words)}</p></dd>
  </div>`;
}

function section(
  { name, description: words }: Description["tags"][number],
  operations: readonly Mounted[],
  description: Description,
): Html {
  const id = anchor("tag", name);
  const own = operations.filter(({ tags }) => tags.includes(name));
  return markup`<section id="${id}" aria-labelledby="${id}-h">
    <h2 id="${id}-h"><a href="#${id}">${name}</a></h2>
    <p>${prose(words)}</p>
    ${own.map((operation) => operationArticle(operation, description))}
  </section>`;
}

function errors(description: Description): Html {
  const rows = description["x-holt-errors"].map(({ code, status, retryable, when }) => {
    const example = description.components.examples[code];
    return markup`<article id="${anchor("error", code)}">
      <div class="words">
        <h3><b class="status">${status}</b> <code>${code}</code> ${retryMark(retryable)}</h3>
        <p>${prose(when)}</p>
      </div>
      <div class="samples">${example !== undefined && exampleBox("Body", code, example.value)}</div>
    </article>`;
  });
  return markup`<section id="errors" aria-labelledby="errors-h">
    <h2 id="errors-h"><a href="#errors">Errors</a></h2>
    <p>
      Every answer that is no success has this body. Programs switch on <code>code</code>; whether the same
      call may be sent again depends on it alone, never on the status or the sentence.
    </p>
    ${rows}
  </section>`;
}

function outcomes(description: Description): Html {
  const rows = description["x-holt-outcomes"].map(
    ({ code, retryable, blame, next }) =>
      markup`<div id="${anchor("outcome", code)}">
        <dt><code>${code}</code> <span class="type">${blame}</span> ${retryMark(retryable)}</dt>
        <dd>${prose(next)}</dd>
      </div>`,
  );
  return markup`<section id="outcomes" aria-labelledby="outcomes-h">
    <h2 id="outcomes-h"><a href="#outcomes">Outcomes</a></h2>
    <p>
      Why a job ended, in <code>outcome.code</code> of its view: whose doing it was as far as one can tell,
      whether the same dispatch may succeed another time, and what to do.
    </p>
    <dl class="codes">${rows}</dl>
  </section>`;
}

function schemas({ components }: Description): Html {
  const articles = Object.entries(components.schemas).map(([name, schema]) => schemaArticle(name, schema));
  return markup`<section id="schemas" aria-labelledby="schemas-h">
    <h2 id="schemas-h"><a href="#schemas">Schemas</a></h2>
    <p>A field that is not marked as required may be absent. Times are epoch milliseconds.</p>
    ${articles}
  </section>`;
}

function schemaArticle(name: string, schema: Schema): Html {
  const id = anchor("schema", name);
  const bounds = boundsOf(schema).map((bound) => markup`<div class="bound">${bound}</div>`);
  return markup`<article id="${id}" class="schema" aria-labelledby="${id}-h">
    <div class="words">
      <h3 id="${id}-h"><a href="#${id}">${name}</a></h3>
      <p class="needs">${typeOf(schema)}</p>
      ${schema.description !== undefined && paragraphs(schema.description)}${bounds}${fieldsOf(schema)}
    </div>
  </article>`;
}
