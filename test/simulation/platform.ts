import { Container, type Exit } from "./container.ts";
import type { Site } from "./site.ts";

const DAY_MS = 86_400_000;
/** Before an exit is judged, or after, as the policy's scale has it. */
const CODE_LATE_MS = 4_000;

/** What the platform runs for one execution, and says of it. */
export class Platform {
  readonly site: Site;
  /** All there ever were, the newest last. */
  readonly containers: Container[] = [];
  destroyRefusedUntil = 0;

  constructor(site: Site) {
    this.site = site;
  }

  get living(): readonly Container[] {
    return this.containers.filter(({ isAlive }) => isAlive);
  }

  /** What `running` of this incarnation is. */
  get isSeen(): boolean {
    return !this.site.owner.isBlind && this.containers.some(({ isAlive }) => isAlive);
  }

  of(instance: string | undefined): Container | null {
    return this.containers.find((each) => each.instance === instance) ?? null;
  }

  /** `start()`: a container is on its way, or the monitor will say why not. */
  start(instance: string): void {
    const { world, owner } = this.site;
    const { faults } = world;
    if (this.living.length > 0)
      world.violated("invariant 3", `${instance} is started while a container lives`);
    for (const refusal of refusals) {
      if (!faults.strikes(refusal.fault)) continue;
      owner.later(1_500, () => this.site.lost(refusal.message));
      return;
    }
    const neverListens = faults.strikes("never-ready");
    const stillborn = faults.strikes("stillborn");
    const container = this.born(instance, neverListens || stillborn ? Number.POSITIVE_INFINITY : 800);
    if (stillborn)
      world.agenda.in(400, () => this.end(container, { code: 1, message: "exited with code 1" }));
  }

  born(instance: string, listensAfterMs: number): Container {
    const { agenda, faults, freshId } = this.site.world;
    const skewMs = this.site.skewDays * DAY_MS;
    if (skewMs !== 0) faults.happened("clock-skewed");
    const { now } = agenda;
    const it = { instance, boot: freshId("boot"), bornAt: now, listensAt: now + listensAfterMs, skewMs };
    const container = new Container(it);
    this.containers.push(container);
    return container;
  }

  /** A container ends, by whomever; whoever holds its monitor is told. */
  end(container: Container, exit: Exit): void {
    if (!container.isAlive) return;
    const { owner, world } = this.site;
    container.exit = { ...exit, at: world.agenda.now };
    // A monitor is that of whatever runs: also of a stranger in the place of ours.
    const { watched } = owner;
    if (!owner.isAwake || watched === null || owner.isBlind) return;
    const { code, message } = exit;
    const isLost = code === null || world.faults.strikes("code-late");
    if (code !== null) {
      owner.later(isLost ? CODE_LATE_MS : 10, () => {
        if (!owner.isBlind) owner.give({ kind: "exited", instance: watched, code, message });
      });
    }
    if (!isLost) return;
    owner.later(10, () => {
      if (owner.isBlind || owner.state?.instance?.id !== watched) return;
      this.site.lost(code === null ? message : "Network connection lost.");
    });
  }

  /** `destroy()` of what this incarnation sees. @returns whether it resolved */
  destroy(): boolean {
    const { agenda, faults } = this.site.world;
    if (agenda.now < this.destroyRefusedUntil) {
      faults.happened("destroy-refused");
      this.site.refusedAt = agenda.now;
      return false;
    }
    for (const container of this.living) this.end(container, { code: 137, message: "destroyed" });
    return true;
  }
}

const refusals = [
  {
    fault: "no-capacity",
    message: "there is no container instance that can be provided to this Durable Object",
  },
  { fault: "rate-limited", message: "too many containers per second" },
] as const;
