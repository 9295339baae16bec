import { describe, test } from "vitest";
import {
  makeEnvironment,
  toMachinePath,
  type EnvironmentOptions,
} from "../../../local/engine/environment.ts";

describe("the environment of a container's process", () => {
  test("start options win over the engine's environment, and that over the Dockerfile's", ({ expect }) => {
    const env = makeEnvironment(
      options({
        imageEnv: { A: "image", B: "image", C: "image" },
        engineEnv: { B: "engine", C: "engine" },
        startEnv: { C: "start" },
      }),
    );
    expect(env).toMatchObject({ A: "image", B: "engine", C: "start" });
  });

  test("what describes the image only does not reach the process", ({ expect }) => {
    const imageEnv = { HARNESS_AGENT_USER: "agent", PATH: "/image/bin", HOME: "/home/agent", PORT: "8080" };
    const env = makeEnvironment(options({ imageEnv }));
    expect(env).not.toHaveProperty("HARNESS_AGENT_USER");
    expect(env).toMatchObject({ HOME: "/state/c1/home", TMPDIR: "/state/c1/tmp", PORT: "23456" });
    expect(env["PATH"]).not.toContain("/image/bin");
  });

  test("a folder that only the image has becomes the container's own", ({ expect }) => {
    const imageEnv = {
      ROOT: "/workspace",
      CODE: "/app/container",
      LIST: "/a:/b",
      URL: "http://x/y",
      NULL: "/dev/null",
    };
    expect(makeEnvironment(options({ imageEnv }))).toMatchObject({
      ROOT: "/state/c1/workspace",
      CODE: "/checkout/container",
      LIST: "/a:/b",
      URL: "http://x/y",
      NULL: "/dev/null",
    });
  });

  test("a system file that this machine lacks is left out", ({ expect }) => {
    const env = makeEnvironment(options({ imageEnv: { CA: "/etc/no-such-folder/ca.crt" } }));
    expect(env).not.toHaveProperty("CA");
  });

  test("everything but loopback goes through the proxy, under the names Node, git and curl read", ({
    expect,
  }) => {
    expect(makeEnvironment(options({}))).toMatchObject({
      HTTP_PROXY: "http://127.0.0.1:1",
      http_proxy: "http://127.0.0.1:1",
      NO_PROXY: "127.0.0.1,localhost,::1",
      no_proxy: "127.0.0.1,localhost,::1",
      NODE_USE_ENV_PROXY: "1",
    });
  });

  test("the start options cannot move home, port or proxy", ({ expect }) => {
    const env = makeEnvironment(options({ startEnv: { HOME: "/root", PORT: "1", HTTP_PROXY: "" } }));
    expect(env).toMatchObject({ HOME: "/state/c1/home", PORT: "23456", HTTP_PROXY: "http://127.0.0.1:1" });
  });

  test("the build context stands for the image's working folder", ({ expect }) => {
    const { image } = options({});
    expect(toMachinePath("/app", image)).toBe("/checkout");
    expect(toMachinePath("/app/container/main.ts", image)).toBe("/checkout/container/main.ts");
    expect(toMachinePath("/apple", image)).toBe("/apple");
    expect(toMachinePath("main.ts", image)).toBe("main.ts");
    expect(toMachinePath("/bin/sh", { ...image, workdir: "/" })).toBe("/bin/sh");
  });
});

function options(given: {
  readonly imageEnv?: Record<string, string>;
  readonly engineEnv?: Record<string, string>;
  readonly startEnv?: Record<string, string>;
}): EnvironmentOptions {
  return {
    image: {
      tag: "image:1",
      context: "/checkout",
      entrypoint: [],
      cmd: ["node"],
      env: given.imageEnv ?? {},
      workdir: "/app",
      port: 8080,
    },
    folders: { root: "/state/c1", home: "/state/c1/home", tmp: "/state/c1/tmp" },
    port: 23_456,
    proxyUrl: "http://127.0.0.1:1",
    engineEnv: given.engineEnv ?? {},
    startEnv: given.startEnv ?? {},
  };
}
