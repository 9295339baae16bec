import type { BrowserContext, Page } from "playwright-core";

/** What a page must not do whatever is tested, as it comes in: other origins, CSP reports, errors. */
export type Faults = {
  /** Errors that the test brings about, such as a refused connection; each such pattern must be met. */
  readonly expect: (pattern: RegExp) => void;
  /** What happened and was not expected, and what was expected and did not happen. */
  readonly list: () => readonly string[];
};

/** Watches everything that pages of a context do from their first line on; `origin` is the only one they may speak to. */
export async function watchFaults(context: BrowserContext, origin: string): Promise<Faults> {
  const seen: string[] = [];
  const expected: RegExp[] = [];
  context.on("request", (request) => {
    const url = new URL(request.url());
    if (url.origin !== origin && !inert.has(url.protocol))
      seen.push(`request to another origin: ${url.href}`);
  });
  context.on("console", (message) => {
    if (message.type() !== "error") return;
    // of which address the text itself is silent
    seen.push(`console: ${message.text()} (${message.location().url})`);
  });
  context.on("weberror", (error) => seen.push(`error: ${error.error().message}`));
  await context.exposeBinding("holtSawViolation", (_source: { page: Page }, what: string) => {
    seen.push(`CSP report: ${what}`);
  });
  await context.addInitScript(() => {
    addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI, sample }) => {
      const tell: unknown = Reflect.get(globalThis, "holtSawViolation");
      if (typeof tell === "function") tell(`${effectiveDirective} ${blockedURI} ${sample}`);
    });
  });
  return {
    expect: (pattern) => void expected.push(pattern),
    list: () => [
      ...seen.filter((fault) => !expected.some((pattern) => pattern.test(fault))),
      ...expected
        .filter((pattern) => !seen.some((fault) => pattern.test(fault)))
        .map((pattern) => `expected, and did not happen: ${String(pattern)}`),
    ],
  };
}

/** What lies in the page itself. */
const inert: ReadonlySet<string> = new Set(["data:", "blob:", "about:"]);
