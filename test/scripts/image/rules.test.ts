import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "vitest";
import { contentsOf } from "../../../scripts/image/contents.ts";
import { parseDockerfile } from "../../../scripts/image/dockerfile.ts";
import { findingsOf, findingsOfAll, Rules } from "../../../scripts/image/findings.ts";
import { readSurroundings } from "../../../scripts/image/surroundings.ts";

const root = join(import.meta.dirname, "../../..");
const surroundings = readSurroundings(root);
const open = (path: string) => parseDockerfile(path, readFileSync(join(root, path), "utf8"));
const images = { harness: open("container/Dockerfile"), ui: open("container/Dockerfile.ui") };

type RuleName = keyof typeof Rules;
/** Where one text of a Dockerfile becomes another, a rule has something to say. */
type Fault = {
  readonly rule: RuleName;
  readonly image?: keyof typeof images;
  readonly from: string | RegExp;
  readonly to: string;
  readonly says: string;
};

const faults: readonly Fault[] = [
  { rule: "base is pinned", from: /@sha256:[0-9a-f]{64}/u, to: "", says: "NODE_IMAGE is not" },
  { rule: "base is pinned", from: "NODE_IMAGE=node:24", to: "NODE_IMAGE=node:22", says: "NODE_IMAGE is not" },
  {
    rule: "base is pinned",
    from: "FROM ${NODE_IMAGE}",
    to: "FROM node:24",
    says: "FROM node:24 is no argument",
  },
  {
    rule: "base is pinned",
    image: "ui",
    from: "=holt-harness",
    to: "",
    says: "HARNESS_IMAGE has no default",
  },
  {
    rule: "npm packages are exact",
    from: "PI_VERSION=0.87.1",
    to: "PI_VERSION=latest",
    says: "version: latest",
  },
  {
    rule: "npm packages are exact",
    image: "ui",
    from: "serve@${SERVE_VERSION}",
    to: "serve",
    says: "version: none",
  },
  { rule: "npm packages are exact", image: "ui", from: "=14.2.7", to: "=^14.2.7", says: "version: ^14.2.7" },
  {
    rule: "npm runs no scripts",
    from: "npm ci --omit=dev --omit=optional --ignore-scripts",
    to: "npm ci",
    says: "npm ci",
  },
  {
    rule: "npm runs no scripts",
    image: "ui",
    from: "--force --ignore-scripts",
    to: "--force",
    says: "pnpm@12",
  },
  {
    rule: "apt packages are pinned",
    from: "5:29.7.1-1~debian.12~bookworm",
    to: "5:29.*",
    says: "docker-ce has no exact",
  },
  {
    rule: "apt packages are pinned",
    from: '"containerd.io=${CONTAINERD_VERSION}"',
    to: "containerd.io",
    says: "containerd.io",
  },
  { rule: "apt packages are pinned", from: "--no-install-recommends", to: "", says: "recommends" },
  {
    rule: "apt packages are pinned",
    image: "ui",
    from: "  && rm -rf /var/lib/apt/lists/* \\\n",
    to: "",
    says: "lists",
  },
  {
    rule: "downloads are checked",
    image: "ui",
    from: / {2}&& echo "\$\{WIREMOCK_SHA256\}.*\n/u,
    to: "",
    says: "WIREMOCK_URL leads to",
  },
  {
    rule: "downloads are checked",
    image: "ui",
    from: /SHA256=[0-9a-f]{64}/u,
    to: "SHA256=",
    says: "no sha256",
  },
  {
    rule: "downloads are checked",
    image: "ui",
    from: "=https://repo1",
    to: "=http://repo1",
    says: "no https",
  },
  {
    rule: "downloads are checked",
    image: "ui",
    from: '"${WIREMOCK_URL}"',
    to: "https://x.test/a.jar",
    says: "no argument",
  },
  {
    rule: "downloads are checked",
    from: "WORKDIR /app",
    to: "ADD https://x.test/a /a\nWORKDIR /app",
    says: "ADD takes",
  },
  {
    rule: "downloads are checked",
    from: "WORKDIR /app",
    to: "RUN curl -s x.test | bash\nWORKDIR /app",
    says: "into a shell",
  },
  {
    rule: "versions are the tested ones",
    from: "=2.1.330",
    to: "=2.1.331",
    says: "recorded runs are of 2.1.330",
  },
  { rule: "versions are the tested ones", from: "=0.87.1", to: "=0.87.2", says: "package.json says 0.87.1" },
  { rule: "users are apart", from: "EXPOSE 8080", to: "USER agent\nEXPOSE 8080", says: "USER agent" },
  { rule: "users are apart", from: "--uid 10002", to: "--uid 0", says: "no account agent" },
  {
    rule: "users are apart",
    from: "--uid 10002",
    to: "--groups root --uid 10002",
    says: "more than an account",
  },
  {
    rule: "users are apart",
    from: "HARNESS_AGENT_USER=agent",
    to: "HARNESS_AGENT_USER=node",
    says: "no account node",
  },
  { rule: "users are apart", from: / {2}&& truncate.*\n/u, to: "", says: "subordinate ids" },
  { rule: "users are apart", from: "git tini", to: "git sudo tini", says: "sudo" },
  {
    rule: "users are apart",
    from: "WORKDIR /app",
    to: "RUN chmod u+s /bin/sh\nWORKDIR /app",
    says: "runs as root",
  },
  { rule: "no secrets", from: "EXPOSE 8080", to: "ARG NPM_TOKEN\nEXPOSE 8080", says: "NPM_TOKEN looks" },
  {
    rule: "no secrets",
    from: "EXPOSE 8080",
    to: "ENV OPENAI_API_KEY=x\nEXPOSE 8080",
    says: "OPENAI_API_KEY looks",
  },
  {
    rule: "environment is plain",
    from: "ENV PORT=8080",
    to: "ENV NODE_ENV=production PORT=8080",
    says: "NODE_ENV is set",
  },
  {
    rule: "environment is plain",
    image: "ui",
    from: "ENV WIREMOCK_JAR",
    to: "ENV WIREMOCK_PATH",
    says: "WIREMOCK_PATH is read by nothing",
  },
  { rule: "copies arrive", from: "COPY shared", to: "COPY sharde", says: "no such path" },
  { rule: "copies arrive", from: "COPY shared", to: "COPY docs", says: ".dockerignore" },
  { rule: "copies arrive", from: "COPY shared ./shared", to: "COPY . .", says: "takes more" },
  {
    rule: "copies arrive",
    from: "/app/container/docker.sh",
    to: "/app/container/no.sh",
    says: "a link to container/no.sh",
  },
  {
    rule: "start is in exec form",
    from: /^CMD .*$/mu,
    to: "CMD node container/main.ts",
    says: "a shell is between",
  },
  {
    rule: "start is in exec form",
    from: 'container/init.sh"]',
    to: 'container/start.sh"]',
    says: "does not exist",
  },
  { rule: "start is in exec form", image: "ui", from: /^CMD .*$/mu, to: "", says: "not one" },
  { rule: "ports agree", from: "EXPOSE 8080", to: "EXPOSE 8081", says: "exposed 8081" },
  { rule: "ports agree", from: "PORT=8080", to: "PORT=9090", says: "PORT 9090" },
  { rule: "compile cache is warm", from: /^RUN timeout .*$/mu, to: "", says: "never filled" },
];

test.for(faults)("$rule: says $says", ({ rule, image = "harness", from, to, says }, { expect }) => {
  const { path, text } = images[image];
  const broken = text.replace(from, to);
  expect(broken).not.toBe(text);
  const found = findingsOf(parseDockerfile(path, broken), surroundings).filter((each) => each.rule === rule);
  expect(found.map((each) => each.text).join("\n")).toContain(says);
});

test("each rule is shown to find something", ({ expect }) => {
  expect(new Set(faults.map(({ rule }) => rule))).toStrictEqual(new Set(Object.keys(Rules)));
});

test("an image that starts otherwise than the one below it is found", ({ expect }) => {
  const changed = images.ui.text
    .replace("WORKDIR /app", "WORKDIR /srv")
    .replace("ENV WIREMOCK_JAR", "ENV HARNESS_AGENT_USER=node WIREMOCK_JAR");
  const found = findingsOfAll({ ...images, ui: parseDockerfile(images.ui.path, changed) }, surroundings);
  const alike = found.filter(({ rule }) => rule === "images start alike").map(({ text }) => text);
  expect(alike).toStrictEqual([
    "its workdir is not that of container/Dockerfile",
    "HARNESS_AGENT_USER is set in container/Dockerfile already",
  ]);
});

test("agents without an account, and a deployed image nobody checks, are found", ({ expect }) => {
  const bare = images.harness.text.replace("  HARNESS_AGENT_USER=agent \\\n", "");
  const harness = parseDockerfile(images.harness.path, bare);
  const found = findingsOfAll(
    { ...images, harness },
    { ...surroundings, deployed: ["container/Dockerfile.other"] },
  );
  expect(found.map(({ text }) => text)).toStrictEqual(
    expect.arrayContaining(["agents have no account of their own", "wrangler.toml names it"]),
  );
});

test("what would be installed is listed with version and source, arguments filled in", ({ expect }) => {
  const items = [...contentsOf(images.harness), ...contentsOf(images.ui)];
  const of = (name: string) => items.find((item) => item.name === name);
  expect(of("@openai/codex")).toMatchObject({
    kind: "npm",
    version: images.harness.args.get("CODEX_VERSION"),
  });
  expect(of("docker-compose-plugin")).toMatchObject({ version: images.harness.args.get("COMPOSE_VERSION") });
  expect(of("tini")).toMatchObject({ kind: "apt", version: "", from: "Debian, of the day of the build" });
  expect(of("holt-harness")).toMatchObject({ kind: "base" });
  expect(of("wiremock-standalone-3.13.2.jar")).toMatchObject({
    kind: "download",
    version: `sha256:${images.ui.args.get("WIREMOCK_SHA256")}`,
  });
});
