// A real execution, followed on its board alone.
import { afterAll, beforeAll, test } from "vitest";
import { fixFailingTest } from "../../local/model/fix-failing-test.ts";
import { BoardPage, type Card } from "../../shared/board.ts";
import { openWorld, type World } from "./world.ts";

let world: World;
const asked: string[] = [];
beforeAll(async () => {
  world = await openWorld({ onAnswer: (path) => void asked.push(path) });
});
afterAll(async () => {
  await world.close();
});

const MAX_PAGES = 60;

test("a job goes from queued to done on its board, and nobody asks its execution", async ({ expect }) => {
  const before = BoardPage.parse(await (await world.fetch("/v1/boards/main")).json());
  expect(before).toMatchObject({ revision: 0, cards: [], reset: true });
  const body = world.job("exec_board", fixFailingTest);
  // Waits on a board that nobody has been on yet.
  const first = world.fetch(`/v1/boards/main?since=${before.next}&wait=25`);
  await world.dispatch(body);

  const seen: Card[] = [];
  let { next } = before;
  for (let page = BoardPage.parse(await (await first).json()); ;) {
    seen.push(...page.cards);
    ({ next } = page);
    if (page.cards.some(({ endedAt }) => endedAt !== null) || seen.length > MAX_PAGES) break;
    page = BoardPage.parse(await (await world.fetch(`/v1/boards/main?since=${next}&wait=25`)).json());
  }
  const statuses = seen.map(({ status }) => status).filter((status, n, all) => status !== all[n - 1]);
  expect(statuses[0]).toMatch(/^queued|starting$/);
  expect(statuses.slice(-2)).toEqual(["running", "done"]);
  const revisions = seen.map(({ revision }) => revision);
  expect(revisions).toEqual(revisions.toSorted((a, b) => a - b));
  expect(seen.find(({ status }) => status === "running")?.deadline).toMatchObject({
    why: expect.any(String),
  });
  expect(seen.at(-1)).toMatchObject({
    executionId: "exec_board",
    jobId: body.jobId,
    about: { agent: "pi", model: "exec_board", branch: "holt/exec_board", mode: "coding" },
    attempt: 1,
    outcome: { code: "done" },
    deadline: null,
    staleAt: null,
  });
  expect(asked.filter((path) => path.startsWith("/v1/executions/"))).toEqual([
    "/v1/executions/exec_board/jobs",
  ]);
  const last = seen.at(-1);
  const view = await world.view(body.jobId);
  expect(view).toMatchObject({ status: "done", about: last?.about });
});

test("a board at rest costs one answer without a body", async ({ expect }) => {
  await world.ended("exec_board-coder");
  // The end of the container is told too.
  let page = BoardPage.parse(await (await world.fetch("/v1/boards/main")).json());
  const view = await world.view("exec_board-coder");
  while ((page.cards[0]?.revision ?? 0) < view.revision) {
    page = BoardPage.parse(await (await world.fetch(`/v1/boards/main?wait=5&since=${page.next}`)).json());
  }
  const tag = `"${page.next}"`;
  const same = await world.fetch(`/v1/boards/main?since=${page.next}`, { headers: { "if-none-match": tag } });
  expect([same.status, same.headers.get("etag"), await same.text()]).toEqual([304, tag, ""]);
});
