import { test } from "vitest";
import { type PlatformContainer, createContainerPort } from "../../worker/container.ts";

const images = { harness: "registry.example/holt-harness@sha256:1" };
const options = { image: "harness", size: "standard-2", env: { HARNESS_INSTANCE: "i-1" } } as const;

/** The platform's container as far as a test says; the rest of it is never reached. */
function platform(says: Partial<PlatformContainer> = {}) {
  const calls: unknown[][] = [];
  const container: PlatformContainer = {
    running: false,
    images,
    start: (...args) => void calls.push(["start", ...args]),
    monitor: () => Promise.resolve(),
    destroy: async (...args) => void calls.push(["destroy", ...args]),
    signal: (signo) => void calls.push(["signal", signo]),
    getTcpPort: () => {
      throw new Error("no port is asked for here");
    },
    setInactivityTimeout: async (durationMs) => void calls.push(["setInactivityTimeout", durationMs]),
    interceptOutboundHttp: async (address) => void calls.push(["intercept", address]),
    inspect: () => Promise.resolve(null),
    ...says,
  };
  return { container, calls };
}

function portOf(container: PlatformContainer | undefined) {
  const routes: unknown[] = [];
  const fetcher = { fetch, connect: () => neverConnected() };
  const Beats = (route: unknown) => {
    routes.push(route);
    return fetcher;
  };
  const port = createContainerPort({ container, id: { name: "exec_1" } }, { Beats });
  return { port, routes };
}

function neverConnected(): never {
  throw new Error("no socket is opened here");
}

test("a start names image, size and environment, and the internet is on", ({ expect }) => {
  const { container, calls } = platform();
  portOf(container).port.start(options);
  expect(calls).toEqual([
    [
      "start",
      {
        image: images.harness,
        instance: "standard-2",
        env: { HARNESS_INSTANCE: "i-1" },
        enableInternet: true,
      },
    ],
  ]);
});

test("an image that the configuration does not name is not started", ({ expect }) => {
  const { container, calls } = platform();
  expect(() => portOf(container).port.start({ ...options, image: "ui" })).toThrow(
    "names no container image 'ui'",
  );
  expect(calls).toEqual([]);
});

const withCode = (message: string, exitCode: unknown) => Object.assign(new Error(message), { exitCode });

const ends: ReadonlyArray<readonly [string, () => Promise<void>, unknown]> = [
  ["resolves", () => Promise.resolve(), { kind: "exited", code: 0, message: "exited with code 0" }],
  [
    "rejects with a code",
    () => Promise.reject(withCode("code: 7", 7)),
    { kind: "exited", code: 7, message: "code: 7" },
  ],
  [
    "rejects without a code",
    () => Promise.reject(new Error("Network connection lost.")),
    { kind: "lost", message: "Network connection lost." },
  ],
  [
    "rejects with a code that is no number",
    () => Promise.reject(withCode("odd", "7")),
    { kind: "lost", message: "odd" },
  ],
  ["rejects with no error at all", () => Promise.reject("gone"), { kind: "lost", message: "gone" }],
  [
    "throws at once",
    () => {
      throw new Error("monitor() cannot be called on a container that is not running.");
    },
    { kind: "lost", message: "monitor() cannot be called on a container that is not running." },
  ],
];

for (const [how, monitor, end] of ends) {
  test(`a monitor that ${how} is told as what it is, and never as an invented exit`, async ({ expect }) => {
    const { container } = platform({ monitor });
    expect(await portOf(container).port.monitor()).toEqual(end);
  });
}

test("a destroy gives the platform no reason, since the monitor would then tell no exit code", async ({
  expect,
}) => {
  const { container, calls } = platform();
  await portOf(container).port.destroy("cancelled");
  expect(calls).toEqual([["destroy"]]);
});

test("an inspection tells a container, none, or that it cannot say", async ({ expect }) => {
  const asked = (inspect: PlatformContainer["inspect"]) =>
    portOf(platform({ inspect }).container).port.inspect();
  expect(await asked(() => Promise.resolve({ image: "i", labels: {} }))).toBe(true);
  expect(await asked(() => Promise.resolve(null))).toBe(false);
  expect(await asked(() => Promise.reject(new Error("no answer")))).toBeNull();
});

test("beats are routed from the virtual host, under the names of execution and instance", async ({
  expect,
}) => {
  const { container, calls } = platform();
  const { port, routes } = portOf(container);
  await port.routeBeats("instance-1");
  expect(routes).toEqual([{ props: { executionId: "exec_1", instance: "instance-1" } }]);
  expect(calls).toEqual([["intercept", "holt.internal"]]);
});

test("a request to a harness that never answers ends at its timeout", async ({ expect }) => {
  const hanging = {
    connect: () => neverConnected(),
    fetch: (_input: unknown, init?: { readonly signal?: AbortSignal | null }) =>
      new Promise<Response>((_, reject) => {
        init?.signal?.addEventListener("abort", () => reject(init.signal?.reason));
      }),
  };
  const { container } = platform({ getTcpPort: () => hanging });
  const request = new Request("http://container/health");
  await expect(portOf(container).port.fetch(request, 20)).rejects.toMatchObject({ name: "TimeoutError" });
});

test("a class without a container in the configuration says so", ({ expect }) => {
  expect(() => portOf(undefined)).toThrow("gives Execution no container");
});
