import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { forgetGroup, recordGroup, type Image } from "./docker-command.ts";
import { makeEnvironment, toMachinePath, type Folders } from "./environment.ts";
import { startProcess, type ContainerProcess } from "./process.ts";
import type { Sidecar } from "./sidecar.ts";
import { Waits, type WaitCondition, type Waited } from "./waits.ts";

export type ContainerState = "created" | "running" | "exited" | "removed";

/** What tests and tools see of a container; a snapshot. */
export type EngineContainer = {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  readonly state: ContainerState;
  readonly pid: number | null;
  /** null while it runs, and when nobody learned the code. */
  readonly exitCode: number | null;
  readonly outOfMemory: boolean;
  /** The whole environment of the process; empty before the start. */
  readonly env: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly home: string;
  /** The port on this machine that stands for the image's port. */
  readonly port: number;
  /** How often somebody has begun to wait for its end. */
  readonly watched: number;
  /** Where the workerd that holds this container takes its outgoing connections: it tells which workerd that is. */
  readonly workerPort: number | null;
};

export type ContainerOptions = {
  readonly id: string;
  readonly name: string;
  readonly image: Image;
  /** What the start options say in place of the image's own. */
  readonly entrypoint: readonly string[] | undefined;
  readonly cmd: readonly string[] | undefined;
  readonly startEnv: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly sidecar: Sidecar;
  /** The engine's folder; the container's own is `containers/ID` in it. */
  readonly dir: string;
  readonly port: number;
  readonly engineEnv: Readonly<Record<string, string>>;
  readonly log: (line: string) => void;
  readonly onLine: (line: string) => void;
  readonly onChange: () => void;
};

/** One container: a process group with folders of its own. Nothing that exits is started again. */
export class Container {
  readonly #options: ContainerOptions;
  readonly #folders: Folders;
  readonly #waits = new Waits();
  #state: ContainerState = "created";
  #process: ContainerProcess | undefined;
  #env: Readonly<Record<string, string>> = {};
  #exitCode: number | null = null;
  #isCodeLost = false;
  #outOfMemory = false;
  #watched = 0;
  #starting: Promise<void> | undefined;
  /** Settles once nothing of the process is left; undefined before the start. */
  #over: Promise<void> | undefined;
  #removing: Promise<void> | undefined;

  constructor(options: ContainerOptions) {
    this.#options = options;
    const root = join(options.dir, "containers", options.id);
    this.#folders = { root, home: join(root, "home"), tmp: join(root, "tmp") };
  }

  get name(): string {
    return this.#options.name;
  }

  /** What the start options bring; there before the start. */
  get startEnv(): Readonly<Record<string, string>> {
    return this.#options.startEnv;
  }

  get sidecar(): Sidecar {
    return this.#options.sidecar;
  }

  snapshot(): EngineContainer {
    const { id, name, image, labels, port } = this.#options;
    return {
      id,
      name,
      image: image.tag,
      state: this.#state,
      pid: this.#process?.pid ?? null,
      exitCode: this.#isCodeLost ? null : this.#exitCode,
      outOfMemory: this.#outOfMemory,
      env: this.#env,
      labels,
      home: this.#folders.home,
      port,
      watched: this.#watched,
      workerPort: this.sidecar.egress.port(),
    };
  }

  /** Rejects when the program cannot be started. One that is held begins at `goOn`. */
  start({ isHeld }: { readonly isHeld: boolean }): Promise<void> {
    if (this.#removing !== undefined) return Promise.reject(new Error("the container is being removed"));
    this.#starting ??= this.#start(isHeld);
    return this.#starting;
  }

  goOn(): void {
    this.#process?.goOn();
  }

  signal(signal: NodeJS.Signals): void {
    this.#process?.signal(signal);
  }

  /** SIGTERM, and SIGKILL when it is still there after the grace; resolves at its end. */
  async stop(graceMs: number): Promise<void> {
    this.signal("SIGTERM");
    const timer = setTimeout(() => this.signal("SIGKILL"), graceMs);
    await this.wait("not-running");
    clearTimeout(timer);
  }

  /** SIGKILL as the kernel sends it when memory is exhausted. */
  killForMemory(): void {
    this.#outOfMemory = true;
    this.signal("SIGKILL");
  }

  /** Kills what runs and removes its folders; resolves when both are gone. Repeating it waits for the first. */
  remove(): Promise<void> {
    this.#removing ??= this.#remove();
    return this.#removing;
  }

  /** Ends it so that nobody learns how: every wait is cut, and the container is gone without a code. */
  vanish(): Promise<void> {
    this.#isCodeLost = true;
    return this.remove();
  }

  wait(condition: WaitCondition): Promise<Waited> {
    const waited = this.#waits.add(condition);
    this.#watched += 1;
    this.#settleWaits();
    this.#options.onChange();
    return waited;
  }

  /** Loses the connections of those who wait; the container goes on. */
  cutWaits(): void {
    this.#waits.cut();
  }

  async #start(isHeld: boolean): Promise<void> {
    const { id, dir, image, sidecar, port, engineEnv, startEnv, onLine, log } = this.#options;
    const folders = this.#folders;
    this.#env = makeEnvironment({ image, folders, port, proxyUrl: sidecar.proxyUrl, engineEnv, startEnv });
    const own = Object.values(this.#env).filter((value) => value.startsWith(join(folders.root, "/")));
    for (const folder of own) await mkdir(folder, { recursive: true });
    sidecar.wire.renew();
    sidecar.mapPorts((inside) => (inside === image.port ? port : inside));
    const started = await startProcess({
      command: chooseCommand(this.#options).map((word) => toMachinePath(word, image)),
      cwd: image.context,
      env: this.#env,
      root: folders.root,
      onLine,
      isHeld,
    });
    this.#process = started;
    await recordGroup(dir, id, { tag: image.tag, pid: started.pid });
    log(`container ${this.name}: process ${started.pid}`);
    this.#become("running");
    this.#over = started.exited.then((code) => this.#ended(code));
  }

  async #ended(code: number): Promise<void> {
    const { id, dir, log } = this.#options;
    this.#exitCode = code;
    const { removalAsked } = await forgetGroup(dir, id);
    log(`container ${this.name}: ended with ${code}`);
    if (this.#removing === undefined) this.#become("exited");
    if (removalAsked) void this.remove();
  }

  async #remove(): Promise<void> {
    // A start under way is not stopped half-way: its process could be missed.
    await this.#starting?.catch(() => undefined);
    this.signal("SIGKILL");
    await this.#over;
    await rm(this.#folders.root, { recursive: true, force: true, maxRetries: 3 });
    this.#become("removed");
  }

  #become(state: ContainerState): void {
    this.#state = state;
    this.#settleWaits();
    this.#options.onChange();
  }

  #settleWaits(): void {
    if (this.#isCodeLost) {
      if (this.#state === "removed") this.cutWaits();
      return;
    }
    const exitCode = this.#exitCode ?? 137;
    if (this.#state === "exited") this.#waits.settle("not-running", exitCode);
    if (this.#state === "removed") this.#waits.settle("removed", exitCode);
  }
}

/** An entrypoint of the start options sets the image's CMD aside, as Docker does. */
function chooseCommand({ image, entrypoint, cmd }: ContainerOptions): readonly string[] {
  return [...(entrypoint ?? image.entrypoint), ...(cmd ?? (entrypoint ? [] : image.cmd))];
}
