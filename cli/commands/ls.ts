import type { Card } from "../../shared/board.ts";
import { Status } from "../../shared/job-view.ts";
import { toPlainJson } from "../../shared/plain-text.ts";
import { type Command, jsonFlag, parse, parsePairs, serverFlags } from "../command.ts";
import { ExitCode, failed, misuse } from "../exit-code.ts";
import { type Api, openApi } from "../server.ts";
import { checkBoard } from "../target.ts";
import { cardTable, inOrder } from "../text/card-text.ts";

const many = { type: "string", multiple: true } as const;
const flags = {
  live: { type: "boolean", summary: "only what has not ended" },
  status: {
    ...many,
    short: "s",
    value: "STATUS",
    choices: Status.options,
    summary: "only these; may be repeated",
  },
  label: { ...many, short: "l", value: "KEY=VALUE", summary: "only with this label; all of several" },
  ...jsonFlag,
  ...serverFlags,
} as const;
const usage = "holt ls [BOARD] [options]";

export const ls: Command = {
  name: "ls",
  summary: "the jobs of a board",
  usage,
  about: [
    "What asks for a person stands first, then what lives, then what ended last. The column `heard` says when the container was last heard of, and `stale` where it should have been heard again.",
    "BOARD is main unless another is named.",
  ],
  examples: [
    ["holt ls", "everything on the board main"],
    ["holt ls team-a --live --label repo=app", "what is at work for one repository"],
    ["holt ls --status failed --json | jq -r .jobId", "the failed ones, for a program"],
  ],
  flags,
  json: "one Card to a line",
  run: async (args, io) => {
    const { values, positionals } = parse(args, flags, { min: 0, max: 1, usage });
    const board = checkBoard(positionals[0] ?? "main");
    const unknown = values.status?.find((status) => !Status.safeParse(status).success);
    if (unknown !== undefined)
      throw misuse(`--status is one of ${Status.options.join(", ")}, not '${unknown}'`);
    const labels = Object.entries(parsePairs(values.label ?? [], "label"));
    const { cards, asOf } = await readBoard(await openApi(values, io), board);
    const wanted = inOrder(
      cards.filter(
        (card) =>
          (values.live !== true || card.endedAt === null) &&
          (values.status === undefined || values.status.includes(card.status)) &&
          labels.every(([key, value]) => card.labels[key] === value),
      ),
    );
    if (values.json === true) for (const card of wanted) io.out.write(`${toPlainJson(card)}\n`);
    else if (wanted.length === 0)
      io.complain(`nothing on the board ${board}${cards.length === 0 ? "" : " is so"}`);
    else
      io.out.write(
        cardTable(wanted, asOf, io.out.paint)
          .map((line) => `${line}\n`)
          .join(""),
      );
    return ExitCode.done;
  },
};

/** Page by page; a page takes cards away before it brings new ones. */
async function readBoard(
  api: Api,
  board: string,
): Promise<{ readonly cards: readonly Card[]; readonly asOf: number }> {
  const cards = new Map<string, Card>();
  for (let since = "0"; ;) {
    const reply = await api.call("board", { path: { board }, query: { since } });
    if (reply.kind === "failed") throw failed(reply.failure);
    const page = reply.value;
    if (page.reset) cards.clear();
    for (const [key, { executionId }] of cards) if (page.removed.includes(executionId)) cards.delete(key);
    for (const card of page.cards) cards.set(`${card.executionId}/${card.jobId}`, card);
    if (!page.more) return { cards: [...cards.values()], asOf: page.asOf };
    since = page.next;
  }
}
