import { existsSync } from "node:fs";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "vitest";
import { withCheckoutFolder } from "../../../container/flows/checkout-folder.ts";
import { type AgentJob, ExploreJob, PreviewJob } from "../../../shared/job-body.ts";
import { makeFolder, realClock } from "../job-folder.ts";
import { makeJob } from "../make-job.ts";
import { makeContext, stopped } from "../recording-context.ts";

const persistentCheckout = true;
const repo = { ...makeJob().repo, cloneUrl: "https://github.com/octo/app.git" };

async function openPlace() {
  const folder = await makeFolder();
  const workspaces = { root: join(folder, "workspace"), keep: ["node_modules"] };
  let contexts = 0;
  const openJob = async (job: AgentJob) => {
    const own = join(folder, `context-${++contexts}`);
    await mkdir(own);
    const recording = await makeContext(own);
    const { context } = recording;
    return {
      recording,
      temporary: { folder: join(context.folder, "checkout"), kept: null },
      run: <T>(use: Parameters<typeof withCheckoutFolder<T>>[1]) =>
        withCheckoutFolder(
          { job, context, workspaces, clock: realClock, user: null, ownsAccount: () => false },
          use,
        ),
    };
  };
  return { folder, root: workspaces.root, openJob };
}

const flows: ReadonlyArray<readonly [string, AgentJob, boolean]> = [
  ["coding", makeJob({ repo, persistentCheckout }), true],
  [
    "explore",
    ExploreJob.parse({
      ...makeJob({ repo, persistentCheckout }),
      mode: "explore",
      output: { kind: "prose", failOnUnusableFinal: false },
    }),
    true,
  ],
  ["conflict", makeJob({ repo, persistentCheckout, mergeBase: "main" }), false],
  [
    "bootstrap",
    makeJob({
      repo,
      persistentCheckout,
      bootstrap: { target: { ...repo, defaultBranch: "main" }, fromScratch: true },
    }),
    false,
  ],
  ["preview", PreviewJob.parse({ ...makeJob({ repo, persistentCheckout }), mode: "preview" }), false],
  ["coding without a wish for it", makeJob({ repo }), false],
];

test.for(flows)("the checkout of %s is kept or not", async ([, job, isKept], { expect }) => {
  const { root, openJob } = await openPlace();
  const { run, temporary } = await openJob(job);
  const place = await run((given) => Promise.resolve(given));
  if (isKept) expect(place).toMatchObject({ folder: join(root, "octo", "app"), kept: { root } });
  else expect(place).toEqual(temporary);
  expect(existsSync(join(root, "octo", "app"))).toBe(isKept);
});

test("a second job of a repository waits in silence that is not the agent's, and says for what", async ({
  expect,
}) => {
  const { root, openJob } = await openPlace();
  const gate = Promise.withResolvers<void>();
  const order: string[] = [];
  const first = await openJob(makeJob({ repo, persistentCheckout }));
  const second = await openJob(makeJob({ repo, persistentCheckout }));
  const running = first.run(async () => {
    await gate.promise;
    order.push("first");
  });
  const waiting = second.run(async () => void order.push("second"));
  await second.recording.waitFor((reported) => reported.kind === "note");
  expect(second.recording.reported).toEqual([
    {
      kind: "note",
      code: "checkout-busy",
      text: `Waits until another job is done with '${join(root, "octo", "app")}'.`,
    },
  ]);
  // a job that waits for nobody is through meanwhile
  const elsewhere = await openJob(makeJob({ repo: { ...repo, name: "other" }, persistentCheckout }));
  for (let times = 0; times < 3; times += 1) await elsewhere.run(() => Promise.resolve());
  expect(order).toEqual([]);
  gate.resolve();
  await Promise.all([running, waiting]);
  expect(order).toEqual(["first", "second"]);
});

test("a job that is stopped while it waits for a checkout ends at once", async ({ expect }) => {
  const { openJob } = await openPlace();
  const gate = Promise.withResolvers<void>();
  const first = await openJob(makeJob({ repo, persistentCheckout }));
  const second = await openJob(makeJob({ repo, persistentCheckout }));
  const running = first.run(() => gate.promise);
  const waiting = second.run((place) => Promise.resolve(place));
  await second.recording.waitFor((reported) => reported.kind === "note");
  second.recording.stop(stopped);
  expect(await waiting).toEqual(second.temporary);
  gate.resolve();
  await running;
});

test("a flow that throws gives its checkout back", async ({ expect }) => {
  const { openJob } = await openPlace();
  const first = await openJob(makeJob({ repo, persistentCheckout }));
  await expect(first.run(() => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
  const second = await openJob(makeJob({ repo, persistentCheckout }));
  expect(await second.run(({ kept }) => Promise.resolve(kept))).not.toBeNull();
});

test("where the root cannot be used the checkout is a temporary one, and the job says so", async ({
  expect,
}) => {
  const { folder, root, openJob } = await openPlace();
  await mkdir(join(folder, "elsewhere"));
  await writeFile(join(folder, "elsewhere", "mine"), "");
  await symlink(join(folder, "elsewhere"), root);
  const { run, temporary, recording } = await openJob(makeJob({ repo, persistentCheckout }));
  expect(await run((place) => Promise.resolve(place))).toEqual(temporary);
  expect(recording.reported).toEqual([
    {
      kind: "note",
      code: "checkout-not-kept",
      text: `The checkout is a temporary one, since HARNESS_WORKSPACE_ROOT cannot be used: '${root}' is no folder but a link`,
    },
  ]);
});
