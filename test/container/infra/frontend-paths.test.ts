import { lstat, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "vitest";
import { makeFolder } from "../job-folder.ts";
import { type Site, makeFrontend, openSite } from "./site.ts";

const runtime = { envInjection: "runtime", env: { API: "</script>\u2028" } } as const;
const servedText = `window.env = ${JSON.stringify(runtime.env)};`;

const noted = (site: Site): readonly string[] =>
  site.recording.reported.flatMap((reported) => (reported.kind === "note" ? [reported.text] : []));

test("an env for run time is written beside what was built, and no build sees it", async ({ expect }) => {
  const site = await openSite();
  const stood = await site.standUp(await makeFrontend(runtime));
  expect(stood.problem).toBeNull();
  expect(await readFile(join(site.checkout, "dist", "env.js"), "utf8")).toBe(servedText);
  expect(await site.programs.environmentOf("pnpm run")).not.toHaveProperty("API");
  expect(noted(site)).toEqual([]);
});

test("an env file that the repository laid a link for does not reach the link's target", async ({
  expect,
}) => {
  const elsewhere = join(await makeFolder(), "victim");
  await writeFile(elsewhere, "untouched");
  const site = await openSite();
  await mkdir(join(site.checkout, "dist"));
  await symlink(elsewhere, join(site.checkout, "dist", "env.js"));
  await site.standUp(await makeFrontend(runtime));
  expect(await readFile(elsewhere, "utf8")).toBe("untouched");
  expect((await lstat(join(site.checkout, "dist", "env.js"))).isFile()).toBe(true);
});

test("an output folder that is a link out of the repository is neither served nor written to", async ({
  expect,
}) => {
  const elsewhere = await makeFolder();
  const site = await openSite();
  await symlink(elsewhere, join(site.checkout, "dist"));
  const stood = await site.standUp(await makeFrontend(runtime));
  expect(stood.problem).toBe("'infra.outputDir' leads out of the repository: dist");
  await expect(lstat(join(elsewhere, "env.js"))).rejects.toThrow("ENOENT");
  expect(await site.programs.calls()).toEqual(["pnpm install", "pnpm run build"]);
});

test("an output folder that is a link inside the repository is served", async ({ expect }) => {
  const site = await openSite({ files: { ".output/public/index.html": "" } });
  await symlink(".output/public", join(site.checkout, "dist"));
  const stood = await site.standUp(await makeFrontend(runtime));
  expect(stood.problem).toBeNull();
  expect(await readFile(join(site.checkout, ".output/public/env.js"), "utf8")).toBe(servedText);
});

test("a build without an output folder is told, and the app is served as it is", async ({ expect }) => {
  const site = await openSite({ programs: { pnpm: "true" } });
  const stood = await site.standUp(await makeFrontend({ ...runtime, outputDir: "public" }));
  expect(stood.problem).toBeNull();
  expect(noted(site)).toEqual(["env.js was not written: the build made no folder 'public'"]);
});

test("an env file beside a server of the repository's own is told to be without effect perhaps", async ({
  expect,
}) => {
  const site = await openSite({
    programs: { pnpm: `mkdir -p dist; test "$2" != up || exec node "$LISTEN" "$PORT"` },
  });
  const stood = await site.standUp(
    await makeFrontend({ ...runtime, serveMode: "command", serveScript: "up" }),
  );
  expect(stood.problem).toBeNull();
  expect(noted(site)).toEqual(["env.js was written, but 'infra.serveScript' need not serve it."]);
});

test("stubs that a link out of the repository stands for are not read, and the app is up", async ({
  expect,
}) => {
  const elsewhere = await makeFolder();
  const site = await openSite();
  await symlink(elsewhere, join(site.checkout, "mocks"));
  const stood = await site.standUp(await makeFrontend());
  expect(stood.record?.started).toBe(true);
  expect(stood.problem).toBe(
    "WireMock is not up: 'infra.wiremockMappingsPath' leads out of the repository: mocks/",
  );
  expect((await site.programs.calls()).filter((call) => call.startsWith("java"))).toEqual([]);
});

const wrong = [
  ["outputDir", "../dist"],
  ["outputDir", "/srv"],
  ["outputDir", "-l"],
  ["wiremockMappingsPath", "a/../../b"],
  ["serveScript", "--eval=1"],
] as const;

test.for(wrong)("'%s' as '%s' is refused before anything is run", async ([field, value], { expect }) => {
  const site = await openSite();
  const stood = await site.standUp(await makeFrontend({ [field]: value }));
  expect(stood.problem).toContain(`'infra.${field}' must`);
  expect(stood.record).toMatchObject({ started: false });
  expect(await site.programs.calls()).toEqual([]);
});
