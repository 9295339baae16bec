import { describe, test } from "vitest";
import { readDockerfile } from "../../../local/engine/dockerfile.ts";

describe("reading a Dockerfile", () => {
  test("command, folder, port and environment come from its last stage", ({ expect }) => {
    const plan = readDockerfile(`
# syntax=docker/dockerfile:1
FROM node:24-bookworm-slim AS build
ENV ONLY_IN=build
RUN echo hello
CMD ["sh"]

FROM node:24-bookworm-slim
WORKDIR /app
ENV NODE_ENV=production GREETING="hello world" \\
    # a comment between continued lines
    PLACE='the moon'
EXPOSE 9000/tcp
CMD ["node", "container/main.ts"]
`);
    expect(plan).toStrictEqual({
      entrypoint: [],
      cmd: ["node", "container/main.ts"],
      env: { NODE_ENV: "production", GREETING: "hello world", PLACE: "the moon" },
      workdir: "/app",
      port: 9000,
    });
  });

  test("a stage built from an earlier one begins with what that declared", ({ expect }) => {
    const plan = readDockerfile(`
FROM debian AS base
WORKDIR /srv
ENV A=1
FROM base
WORKDIR app
ENV B=$A-\${A}
ENTRYPOINT ["node"]
CMD ["main.js"]`);
    expect(plan).toMatchObject({
      entrypoint: ["node"],
      cmd: ["main.js"],
      workdir: "/srv/app",
      env: { A: "1", B: "1-1" },
    });
  });

  test("the shell form runs in a shell, and without EXPOSE the port is 8080", ({ expect }) => {
    const plan = readDockerfile("FROM debian\nENV NAME the old form\nCMD node main.js --flag");
    expect(plan).toMatchObject({
      cmd: ["/bin/sh", "-c", "node main.js --flag"],
      env: { NAME: "the old form" },
      port: 8080,
    });
  });

  test("the text of a here-document is no instruction", ({ expect }) => {
    const plan = readDockerfile("FROM debian\nRUN <<EOT\nENV HIDDEN=1\nCMD false\nEOT\nENV SEEN=1");
    expect(plan.env).toStrictEqual({ SEEN: "1" });
    expect(plan.cmd).toStrictEqual([]);
  });
});
