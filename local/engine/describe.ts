import * as z from "zod";
import type { Container, EngineContainer } from "./container.ts";
import type { Sidecar } from "./sidecar.ts";

/** The image name under which workerd asks for its sidecars. */
export const EGRESS_IMAGE = "holt-engine/egress:local";

/** The network of this machine, as workerd asks for it: it takes the gateway for the address to listen on. */
export const bridge = { Name: "bridge", IPAM: { Config: [{ Subnet: "127.0.0.0/8", Gateway: "127.0.0.1" }] } };

export function describeContainer(container: Container): object {
  const { id, name, image, state, pid, exitCode, outOfMemory, labels, env } = container.snapshot();
  return {
    Id: id,
    Name: `/${name}`,
    Image: image,
    Config: {
      Image: image,
      Labels: labels,
      Env: Object.entries(env).map(([key, value]) => `${key}=${value}`),
    },
    State: {
      Status: state,
      Running: state === "running",
      Pid: state === "running" ? pid : 0,
      ExitCode: exitCode ?? 0,
      OOMKilled: outOfMemory,
    },
    NetworkSettings: { Ports: {} },
  };
}

export function describeSidecar(sidecar: Sidecar): object {
  return {
    Id: sidecar.name,
    Name: `/${sidecar.name}`,
    Config: { Image: EGRESS_IMAGE, Labels: {} },
    State: { Status: "running", Running: true },
    NetworkSettings: {
      Ports: { "39001/tcp": [{ HostIp: "127.0.0.1", HostPort: String(sidecar.ingressPort) }] },
    },
  };
}

const Filters = z.looseObject({ label: z.array(z.string()).optional() });

/** `filters` is Docker's JSON; labels are the only filter wrangler uses. */
export function listContainers(
  containers: readonly EngineContainer[],
  filters: string | null,
): readonly object[] {
  const { label: wanted = [] } = Filters.parse(JSON.parse(filters ?? "{}"));
  return containers
    .filter(({ state }) => state !== "removed")
    .filter(({ labels }) =>
      wanted.every((entry) => Object.entries(labels).some(([k, v]) => entry === `${k}=${v}`)),
    )
    .map(({ id, name, image, state, labels }) => ({
      Id: id,
      Names: [`/${name}`],
      Image: image,
      State: state,
      Labels: labels,
    }));
}
