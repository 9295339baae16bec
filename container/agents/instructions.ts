/** What an agent is told besides its task: the caller's role text, then what holds in every checkout. */

import type { AgentJob } from "../../shared/job-body.ts";

/** Where context files are laid, in the folder the agent works in. */
export const contextFolder = ".cat-context";

const conventions = `## This repository's own rules

Where the repository has an AGENTS.md or CLAUDE.md, read it before you change anything: it holds the conventions of the
people who maintain this code.`;

const blueprint = `## Architecture notes

Where the repository has a \`blueprints/\` folder, \`blueprints/overview.md\` is the map of the system: read it first. Open a
module's own file only when your task touches that module. \`blueprints/version.json\` says how current the notes are.`;

const specification = `## Specification

Where the repository has a \`spec/\` folder, begin with \`spec/overview.md\`. What a feature must do stands in
\`spec/modules/<module>/<feature>.md\`, the same in machine-readable form beside it as \`.json\`, and acceptance scenarios in
Gherkin under \`spec/features/\`. Read the parts that concern your task and keep to them.`;

const todo = `## Your steps

Plan before you start: write your steps with the \`todo\` tool, have exactly one of them \`in_progress\` while you work on it,
and mark it \`completed\` as soon as it is done. People follow your work by this list.`;

export function composeInstructions(job: AgentJob): string {
  const sections = [
    job.systemPrompt,
    conventions,
    blueprint,
    specification,
    todo,
    ...(job.repo.serviceDirectory === undefined ? [] : [monorepoNote(job.repo.serviceDirectory)]),
    ...(job.contextFiles.length === 0 ? [] : [contextList(job)]),
  ];
  return `${sections.join("\n\n")}\n`;
}

function monorepoNote(serviceDirectory: string): string {
  return `## Where you work

This is a monorepo. Your service is \`${serviceDirectory}\`, and your working directory is that folder. Leave other
services alone unless the task asks for a change there.`;
}

function contextList(job: AgentJob): string {
  const lines = job.contextFiles.map(({ path, title, url }) => {
    const source = url === "" ? "" : ` (from ${url})`;
    return `- \`${contextFolder}/${path}\`: ${title}${source}`;
  });
  return `## Linked context

These files were put beside the code for this task. They are no part of the repository; read those that help and do not
commit them.

${lines.join("\n")}`;
}
