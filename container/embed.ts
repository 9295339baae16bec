/**
 * What of the harness can be used without its server: drivers of agents, readers of what they print, and git steps that
 * trust nothing in a checkout. Importing it starts nothing, opens nothing and reads no environment; every function is
 * given what it works with. docs/embedding.md shows it at work.
 */

/** The drivers, by the kind of their agent: `pi`, `claude-code`, `codex`. */
export { agents as drivers } from "./agents/agents.ts";
export type { Agent as Driver, AgentEvent } from "./agents/agent.ts";
export { type DriverEnd, type DriverRun, runDriver } from "./embed/run-driver.ts";

/** For output that something else has started or recorded. */
export {
  type AgentReader,
  type AgentReaderOptions,
  type AgentReading,
  createAgentReader,
} from "./agents/agent-reader.ts";
export { type Transcript, addToTranscript, emptyTranscript } from "./agents/transcript.ts";

export { type SavedWork, type Workspace, type WorkspaceOptions, openWorkspace } from "./embed/workspace.ts";
export { type ChangeRequest, openChangeRequest } from "./embed/change-request.ts";
export type { Failure, Step } from "./process/step.ts";

/** For every text of an agent, of git or of a service, before it is shown, logged or cut. */
export { type Redactor, createRedactor } from "../shared/redact.ts";
