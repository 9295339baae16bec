/**
 * Runs the real Pi, Claude Code and Codex through the harness against scripted models: `npm run test:agents`, or
 * `npm run test:agents -- codex` for one of them. A run of all of them writes docs/agents.md.
 */
import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { type AgentUnderTest, agentsUnderTest } from "./agents-under-test.ts";
import { type Case, cases, usualFields } from "./cases.ts";
import { installAgents } from "./install.ts";
import { type Row, describeRow, toMarkdown } from "./report.ts";
import { type World, gitToken, openWorld } from "./world.ts";

/** By its number, with no entry in /etc/passwd: what runs as it is ended after each job. */
const agentUser = process.getuid?.() === 0 ? 10_007 : null;
const modelToken = "scripted-token-0123456789";
const print = (line: string): void => void process.stdout.write(`${line}\n`);

const [onlyKind] = process.argv.slice(2);
await installAgents(print);
const world = await openWorld(agentUser);
const rows: Row[] = [];
try {
  for (const agent of agentsUnderTest.filter(({ kind }) => onlyKind === undefined || kind === onlyKind)) {
    for (const given of cases) {
      const row = await runCase(world, agent, given);
      rows.push(row);
      print(describeRow(row));
    }
  }
} finally {
  await world.close();
}
const failed = rows.filter((row) => row.failed.length > 0).length;
if (onlyKind === undefined) {
  const date = new Date(Date.now()).toISOString().slice(0, 10);
  const page = fileURLToPath(new URL("../../docs/agents.md", import.meta.url));
  await writeFile(page, toMarkdown(rows, { date, agentUser }));
}
print(`${rows.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 && rows.length > 0 ? 0 : 1;

async function runCase(world: World, agent: AgentUnderTest, given: Case): Promise<Row> {
  const model = await agent.startModel({ script: given.script, token: modelToken, log: () => undefined });
  const name = `${agent.kind}-${cases.indexOf(given)}`;
  const held: string[] = [];
  const failed: string[] = [];
  const row = { agent: agent.kind, version: agent.version, case: given.name, held, failed };
  try {
    const body = {
      kind: "agent",
      jobId: name,
      ...usualFields,
      model: agent.model,
      ...agent.jobFields(model, modelToken),
      ghToken: gitToken,
      githubApiBase: world.github.url,
      ...(await given.prepare(world, name)),
    };
    const job = await world.harness.run(body, given.stopWhen);
    const require = (isSo: boolean, what: string): void => void (isSo ? held : failed).push(what);
    await given.check({ world, agent, name, job, requests: model.requests() }, require);
    if (failed.length > 0) print(JSON.stringify(job));
    return { ...row, tookMs: job.tookMs, toolCalls: job.spans.length };
  } catch (error) {
    failed.push(String(error));
    return { ...row, tookMs: 0, toolCalls: 0 };
  } finally {
    await model.close();
  }
}
