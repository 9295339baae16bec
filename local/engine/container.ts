import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { makeEnvironment, toMachinePath, type Folders } from "./environment.ts";
import type { Image } from "./images.ts";
import { startProcess, type ContainerProcess } from "./process.ts";
import type { Sidecar } from "./sidecar.ts";

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
};

/** How one `wait` ended: with the code, or cut off without an answer. */
export type Waited = { readonly kind: "ended"; readonly exitCode: number } | { readonly kind: "cut" };
export type WaitCondition = "not-running" | "removed";

export type ContainerOptions = {
  readonly id: string;
  readonly name: string;
  readonly image: Image;
  /** What the start options say; an empty command means the image's own. */
  readonly command: readonly string[];
  readonly startEnv: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly sidecar: Sidecar;
  readonly root: string;
  readonly port: number;
  readonly engineEnv: Readonly<Record<string, string>>;
  readonly onLine: (line: string) => void;
  readonly onChange: () => void;
};

/** One container: a process group with folders of its own. Nothing that exits is started again. */
export class Container {
  readonly #options: ContainerOptions;
  readonly #folders: Folders;
  readonly #waits = new Set<{ readonly condition: WaitCondition; readonly settle: (how: Waited) => void }>();
  #state: ContainerState = "created";
  #process: ContainerProcess | undefined;
  #env: Readonly<Record<string, string>> = {};
  #exitCode: number | null = null;
  #outOfMemory = false;
  #removing: Promise<void> | undefined;

  constructor(options: ContainerOptions) {
    this.#options = options;
    const { root } = options;
    this.#folders = { root, home: join(root, "home"), tmp: join(root, "tmp") };
  }

  get name(): string {
    return this.#options.name;
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
      exitCode: this.#exitCode,
      outOfMemory: this.#outOfMemory,
      env: this.#env,
      labels,
      home: this.#folders.home,
      port,
    };
  }

  /** Rejects when the program cannot be started. */
  async start(): Promise<void> {
    const { id, image, sidecar, port, engineEnv, startEnv, command, onLine } = this.#options;
    for (const folder of Object.values(this.#folders)) await mkdir(folder, { recursive: true });
    this.#env = makeEnvironment({
      id,
      image,
      folders: this.#folders,
      port,
      proxyUrl: sidecar.proxyUrl,
      engineEnv,
      startEnv,
    });
    sidecar.mapPorts((inside) => (inside === image.port ? port : inside));
    const started = await startProcess({
      id,
      command: (command.length > 0 ? command : image.command).map((word) => toMachinePath(word, image)),
      cwd: image.context,
      env: this.#env,
      onLine,
    });
    this.#process = started;
    this.#become("running");
    void started.exited.then((code) => this.#ended(code));
  }

  signal(signal: NodeJS.Signals): void {
    this.#process?.signal(signal);
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
  async vanish(): Promise<void> {
    this.cutWaits();
    await this.remove();
    this.#exitCode = null;
    this.#options.onChange();
  }

  wait(condition: WaitCondition): Promise<Waited> {
    const { promise, resolve } = Promise.withResolvers<Waited>();
    this.#waits.add({ condition, settle: resolve });
    this.#settleWaits();
    return promise;
  }

  /** Loses the connections of those who wait; the container goes on. */
  cutWaits(): void {
    for (const wait of this.#waits) wait.settle({ kind: "cut" });
    this.#waits.clear();
  }

  #ended(code: number): void {
    this.#exitCode = code;
    if (this.#state === "running") this.#become("exited");
  }

  async #remove(): Promise<void> {
    this.signal("SIGKILL");
    this.#exitCode = (await this.#process?.exited) ?? null;
    await rm(this.#folders.root, { recursive: true, force: true, maxRetries: 3 });
    this.#become("removed");
  }

  #become(state: ContainerState): void {
    this.#state = state;
    this.#settleWaits();
    this.#options.onChange();
  }

  #settleWaits(): void {
    for (const wait of this.#waits) {
      const over =
        this.#state === "removed" || (this.#state === "exited" && wait.condition === "not-running");
      if (!over) continue;
      this.#waits.delete(wait);
      wait.settle({ kind: "ended", exitCode: this.#exitCode ?? 137 });
    }
  }
}
