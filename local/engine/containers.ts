import { Container, type EngineContainer } from "./container.ts";
import { findImage } from "./docker-command.ts";
import { findFreePort } from "./listen.ts";
import { startSidecar, type Sidecar } from "./sidecar.ts";

/** What a `create` asks for, in the engine's words. */
export type CreateRequest = {
  readonly name: string;
  readonly image: string;
  readonly entrypoint: readonly string[] | undefined;
  readonly cmd: readonly string[] | undefined;
  readonly env: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  /** The name of the sidecar whose network it shares. */
  readonly sidecarName: string;
};

export type Created =
  | { readonly kind: "created"; readonly id: string }
  | { readonly kind: "name-taken" }
  | { readonly kind: "closing" }
  | { readonly kind: "no-image" }
  | { readonly kind: "no-sidecar" };

export type ContainersOptions = {
  /** The engine's folder. */
  readonly dir: string;
  readonly env: Readonly<Record<string, string>>;
  readonly makeId: () => string;
  readonly log: (line: string) => void;
  readonly output: (name: string, line: string) => void;
};

/** All containers and sidecars by name. Names are free again after a removal; the history is kept. */
export class Containers {
  readonly #options: ContainersOptions;
  readonly #history: Container[] = [];
  readonly #live = new Map<string, Container>();
  readonly #creating = new Set<string>();
  readonly #sidecars = new Map<string, Sidecar>();
  #isClosing = false;
  readonly #listeners = new Set<() => void>();

  constructor(options: ContainersOptions) {
    this.#options = options;
  }

  /** Every container ever created, in order. */
  list(): readonly EngineContainer[] {
    return this.#history.map((container) => container.snapshot());
  }

  /** By name, or by id. */
  find(name: string): Container | undefined {
    return (
      this.#live.get(name) ?? [...this.#live.values()].find((container) => container.snapshot().id === name)
    );
  }

  findSidecar(name: string): Sidecar | undefined {
    return this.#sidecars.get(name);
  }

  /** Called after each change; returns how to stop listening. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  create(request: CreateRequest): Promise<Created> {
    const isTaken = this.#live.has(request.name);
    return this.#claim(request.name, isTaken, () => this.#create(request));
  }

  createSidecar(name: string): Promise<Created> {
    return this.#claim(name, this.#sidecars.has(name), () => this.#createSidecar(name));
  }

  async removeSidecar(name: string): Promise<void> {
    const sidecar = this.#sidecars.get(name);
    this.#sidecars.delete(name);
    await sidecar?.close();
  }

  /** Removes everything; what is asked for meanwhile is refused. */
  async close(): Promise<void> {
    this.#isClosing = true;
    await Promise.all([...this.#live.values()].map((container) => container.remove()));
    await Promise.all([...this.#sidecars.keys()].map((name) => this.removeSidecar(name)));
  }

  /** One creation at a time under a name; a second one meanwhile finds it taken. */
  async #claim(name: string, isTaken: boolean, make: () => Promise<Created>): Promise<Created> {
    if (this.#isClosing) return { kind: "closing" };
    if (isTaken || this.#creating.has(name)) return { kind: "name-taken" };
    this.#creating.add(name);
    try {
      return await make();
    } finally {
      this.#creating.delete(name);
    }
  }

  async #create(request: CreateRequest): Promise<Created> {
    const { dir, env, makeId, log, output } = this.#options;
    const { name, entrypoint, cmd, labels } = request;
    const image = await findImage(dir, request.image);
    if (image === undefined) return { kind: "no-image" };
    const sidecar = this.#sidecars.get(request.sidecarName);
    if (sidecar === undefined) return { kind: "no-sidecar" };
    const port = await this.#choosePort();
    if (this.#isClosing) return { kind: "closing" };
    const id = makeId();
    const container = new Container({
      id,
      name,
      image,
      entrypoint,
      cmd,
      startEnv: request.env,
      labels,
      sidecar,
      dir,
      port,
      engineEnv: env,
      log,
      onLine: (line) => output(name, line),
      onChange: () => this.#changed(container),
    });
    this.#live.set(name, container);
    this.#history.push(container);
    this.#changed(container);
    return { kind: "created", id };
  }

  async #createSidecar(name: string): Promise<Created> {
    const sidecar = await startSidecar({ name, log: this.#options.log, onChange: () => this.#notify() });
    this.#sidecars.set(name, sidecar);
    if (!this.#isClosing) return { kind: "created", id: name };
    await this.removeSidecar(name);
    return { kind: "closing" };
  }

  async #choosePort(): Promise<number> {
    const taken = new Set([...this.#live.values()].map((container) => container.snapshot().port));
    for (;;) {
      const port = await findFreePort();
      if (!taken.has(port)) return port;
    }
  }

  #changed(container: Container): void {
    const { state } = container.snapshot();
    const isCurrent = this.#live.get(container.name) === container;
    if (state === "removed" && isCurrent) this.#live.delete(container.name);
    this.#notify();
  }

  #notify(): void {
    for (const listener of this.#listeners) listener();
  }
}
