import { Container, type Exit } from "./container.ts";
import type { Site } from "./site.ts";

const DAY_MS = 86_400_000;
/** Before an exit is judged, or after, as the policy's scale has it. */
const CODE_LATE_MS = 4_000;
/** How long a container may be under way that the platform finds no room for at once. */
const LATE_PLACE_MS = 4_000;

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
    const isLate = faults.strikes("placed-late");
    const listensAfterMs = neverListens || stillborn ? Number.POSITIVE_INFINITY : 800;
    const container = this.born(instance, { placedAfterMs: isLate ? LATE_PLACE_MS : 0, listensAfterMs });
    if (isLate && world.draw.oneIn(2)) world.agenda.in(300, () => this.loseSight(container));
    if (stillborn)
      world.agenda.in(400, () => this.end(container, { code: 1, message: "exited with code 1" }));
  }

  born(
    instance: string,
    { placedAfterMs, listensAfterMs }: { readonly placedAfterMs: number; readonly listensAfterMs: number },
  ): Container {
    const { agenda, faults, freshId } = this.site.world;
    const skewMs = this.site.skewDays * DAY_MS;
    if (skewMs !== 0) faults.happened("clock-skewed");
    const { now } = agenda;
    const placedAt = now + placedAfterMs;
    const listensAt = placedAt + listensAfterMs;
    const it = { instance, boot: freshId("boot"), bornAt: now, placedAt, listensAt, skewMs };
    const container = new Container(it);
    this.containers.push(container);
    return container;
  }

  /** The object's monitor of a container that lives on ends without a code. */
  loseSight(container: Container): void {
    const { owner, world } = this.site;
    if (!container.isAlive || !owner.isAwake || owner.watched !== container.instance) return;
    world.faults.happened("monitor-lost");
    owner.isBlind = true;
    owner.later(10, () => this.site.lost("Network connection lost."));
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
  { fault: "never-placed", message: "Network connection lost." },
] as const;
