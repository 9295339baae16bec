/** What may become of a job of the load: how it is brought about, and what it has to come to. */
import type { EngineContainer, Faults } from "../engine/engine.ts";
import type { GitServer } from "../git-server/git-server.ts";
import type { Script } from "../model/script.ts";
import type { SampleRepository } from "../sample/sample.ts";
import type { Card } from "../../shared/board.ts";
import type { OutcomeCode } from "../../shared/outcomes.ts";
import type { PolicyRequest } from "../../shared/policy.ts";

export type Fate = {
  readonly name: string;
  /** What is done to bring it about, in a few words; the terminal and the documents show it. */
  readonly by: string;
  /** Of the work, as a team would write it; taken in turn. */
  readonly titles: readonly string[];
  readonly comesTo: Expected;
  readonly policy?: PolicyRequest;
  /** Fields of the spec that differ from those of an ordinary coding job. */
  readonly spec?: (scene: Scene) => Readonly<Record<string, unknown>>;
  /** What the model does. */
  readonly script: (scene: Scene) => Script;
  /** What happens to it from outside; begins with its dispatch. */
  readonly happens?: (scene: Scene) => Promise<void>;
  /** It stands behind the first job of this fate, in that one's execution. */
  readonly behind?: string;
  /** Something is refused or held at its git host, so it has one of its own. */
  readonly ownHost?: true;
};

export type Expected =
  | { readonly kind: "ends"; readonly code: OutcomeCode; readonly recoveries?: number; readonly asks?: true }
  /** It does not end by itself for minutes; until somebody cancels it, it looks so. */
  | {
      readonly kind: "stays";
      readonly as: string;
      readonly isSo: (card: Card) => boolean;
      /** Whether it has a slot meanwhile. */
      readonly holdsSlot: boolean;
    };

/** One job of the load, and what can be done to it. */
export type Scene = {
  readonly executionId: string;
  readonly jobId: string;
  readonly branch: string;
  /** Its git host; of a fate with `ownHost` nobody else's. */
  readonly git: GitServer;
  readonly repository: SampleRepository;
  readonly faults: Faults;
  /** The first card of it that is so. */
  readonly until: (isSo: (card: Card) => boolean) => Promise<Card>;
  /** The container of its attempt of that number, once it runs. */
  readonly container: (attempt?: number) => Promise<EngineContainer>;
  /** Whether a container that starts with this environment is its own. */
  readonly owns: (env: Readonly<Record<string, string>>) => Promise<boolean>;
  readonly cancel: (reason: string) => Promise<void>;
  readonly release: () => Promise<void>;
  /** Says that a point of the script is reached. */
  readonly reach: (point: string) => void;
  /** Resolves when it is. */
  readonly reached: (point: string) => Promise<void>;
  /** A pause of the scripted model, so that people can see it at work. */
  readonly think: () => Promise<void>;
  /** Ends with the load. */
  readonly signal: AbortSignal;
  /** Called when the job is over, and at the end of the load. */
  readonly atEnd: (undo: () => void) => void;
};
