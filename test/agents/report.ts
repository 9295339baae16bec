/** The outcome of a run, for people. */
import { agentsUnderTest } from "./agents-under-test.ts";

export type Row = {
  readonly agent: string;
  readonly version: string;
  readonly case: string;
  readonly tookMs: number;
  readonly toolCalls: number;
  /** What was found to be so. */
  readonly held: readonly string[];
  readonly failed: readonly string[];
};

export function describeRow({ agent, case: name, tookMs, failed }: Row): string {
  const verdict = failed.length === 0 ? "ok" : `FAILED: ${failed.join("; ")}`;
  return `${agent.padEnd(12)} ${name.padEnd(40)} ${seconds(tookMs).padStart(6)}  ${verdict}`;
}

export type Circumstances = { readonly date: string; readonly agentUser: number | null };

export function toMarkdown(rows: readonly Row[], { date, agentUser }: Circumstances): string {
  const passed = rows.filter(({ failed }) => failed.length === 0).length;
  const cells = rows.map((row) => [
    `${row.agent} ${row.version}`,
    row.case,
    row.failed.length === 0 ? "passed" : "**failed**",
    String(row.toolCalls),
    seconds(row.tookMs),
    [...row.held, ...row.failed.map((what) => `NOT: ${what}`)].join("; "),
  ]);
  const account =
    agentUser === null ? "the user who ran it" : "another, unprivileged user than the harness's";
  const programs = agentsUnderTest.map(({ package: name, version }) => `\`${name}@${version}\``).join(", ");
  return `# The real agents

Written by \`npm run test:agents\` on ${date}; not edited by hand.

The real programs (${programs}) carried out jobs of the harness, dispatched to its own process over HTTP, on
repositories served by git's HTTP backend, with a local stand-in for GitHub. Agents worked as ${account}, on Node
${process.version}. Their models were scripted servers on the same machine, one for each wire: **no vendor was asked**.
So this shows that the programs are started, steered, read and fenced in as intended, and nothing about what a real
model would do with them.

${passed} of ${rows.length} passed.

| agent | job | outcome | tool calls | time | what was checked |
| --- | --- | --- | --- | --- | --- |
${cells.map((row) => `| ${row.join(" | ")} |`).join("\n")}
`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
