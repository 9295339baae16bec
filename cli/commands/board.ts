import { tmpdir } from "node:os";
import { toPageUrl } from "../../shared/page-url.ts";
import { desktopOpener } from "../../shared/desktop.ts";
import { toPlainJson } from "../../shared/plain-text.ts";
import { type Command, jsonFlag, parse, serverFlags } from "../command.ts";
import { ExitCode, failed } from "../exit-code.ts";
import type { BoardReport } from "../json-shapes.ts";
import { openInBrowser } from "../open-in-browser.ts";
import { connect, findServer } from "../server.ts";
import { checkBoard } from "../target.ts";

const flags = {
  print: {
    type: "boolean",
    summary: "print the page's address with the token in it, and ask and open nothing",
  },
  ...jsonFlag,
  ...serverFlags,
} as const;
const usage = "holt board [BOARD] [options]";

export const board: Command = {
  name: "board",
  summary: "open a board's page in the browser",
  usage,
  about: [
    "BOARD is main unless another is named. The token is in the fragment of the address, which browsers send to nobody; the page keeps it for its tab. No program is given it as an argument: the browser is led there by a file that only its owner can read, and that is gone after 20 s.",
    "Where it was opened the address is printed without the token: a browser that cannot read the folder for temporary files, as one in a sandbox of its own, shows nothing, and the page at that address asks for the token. Without a desktop the whole address is printed. Whoever has it has the token.",
  ],
  examples: [
    ["holt board", "the board main"],
    ["holt board team-a --print", "its address, for another machine's browser"],
  ],
  flags,
  json: "a BoardReport",
  run: async (args, io) => {
    const { values, positionals } = parse(args, flags, { min: 0, max: 1, usage });
    const name = checkBoard(positionals[0] ?? "main");
    const server = await findServer(values, io);
    const url = toPageUrl(server.url, { board: name, token: server.token });
    const say = (opened: boolean): number => {
      const report: BoardReport = { board: name, url, opened };
      const plain = toPageUrl(server.url, { board: name, token: null });
      const text = opened ? `the board ${name} is opened in the browser: ${plain}` : url;
      io.out.write(`${values.json === true ? toPlainJson(report) : text}\n`);
      return ExitCode.done;
    };
    if (values.print === true) return say(false);
    // A page that cannot show anything is not opened.
    const reply = await connect(server, io.signal).call("board", { path: { board: name } });
    if (reply.kind === "failed") throw failed(reply.failure);
    const opener = desktopOpener(io.platform, io.env);
    if (opener === null) return say(false);
    const why = await openInBrowser({ opener, url, inDir: tmpdir(), signal: io.signal });
    if (why !== null) io.complain(`holt: ${opener} ${why}`);
    return say(why === null);
  },
};
