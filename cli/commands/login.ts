import { type Command, jsonFlag, parse, serverFlags } from "../command.ts";
import { toPlainJson } from "../../shared/plain-text.ts";
import { configPath, writeConfig } from "../config.ts";
import { CommandEnd, ExitCode, failed, misuse } from "../exit-code.ts";
import type { LoginReport } from "../json-shapes.ts";
import { askOpenly, askSecretly } from "../prompt.ts";
import { checkUrl, connect, nonEmpty } from "../server.ts";
import type { Io } from "../system.ts";

const flags = { ...jsonFlag, ...serverFlags } as const;
const usage = "holt login [--url URL] [options]";

export const login: Command = {
  name: "login",
  summary: "store the address of a Worker and a token for it",
  usage,
  about: [
    "Asks for what neither an option nor the environment says; the token is not shown. Where there is no terminal the token is the first line of standard input. It is tried before it is stored, in $XDG_CONFIG_HOME/holt/config.json, which only its owner may read. It is sent to that address and to no other.",
  ],
  examples: [
    ["holt login", "asks for both"],
    ["pass show holt | holt login --url https://holt.example.com", "from a password store"],
  ],
  flags,
  json: "a LoginReport",
  run: async (args, io) => {
    const { values } = parse(args, flags, { min: 0, max: 0, usage });
    const url = (values.url ?? nonEmpty(io.env["HOLT_URL"]) ?? (await askForUrl(io))).trim();
    checkUrl(url);
    const token = (
      values.token ??
      nonEmpty(io.env["HOLT_TOKEN"]) ??
      (await askSecretly("Token: ", io))
    ).trim();
    if (!/^[\u0021-\u007E]+$/.test(token))
      throw misuse("that is no token: one line of printable ASCII without spaces");
    const scope = await scopeOf(url, token, io);
    const path = configPath(io);
    await writeConfig(path, { url, token });
    const text = `${url}: the token may ${scope === "dispatch" ? "read and dispatch" : "read"}; stored in ${path}`;
    const report: LoginReport = { url, scope, path };
    io.out.write(`${values.json === true ? toPlainJson(report) : text}\n`);
    return ExitCode.done;
  },
};

function askForUrl(io: Io): Promise<string> {
  // Without a terminal standard input has the token and nothing else.
  if (!io.stdin.isTTY) throw misuse(`no address: ${usage}`);
  return askOpenly("Address: ", io);
}

/** What the token is good for; it is refused where it is good for nothing. */
async function scopeOf(url: string, token: string, io: Io): Promise<"read" | "dispatch"> {
  const reply = await connect({ url, token }, io.signal).call("root", { path: {} });
  if (reply.kind === "answer") return "dispatch";
  // Known, and without the scope that this route needs.
  if (reply.failure.code === "forbidden") return "read";
  if (reply.failure.code === "unauthorized") {
    throw new CommandEnd(
      ExitCode.unauthorized,
      `${url} does not know this token; nothing is stored`,
      reply.failure,
    );
  }
  throw failed(reply.failure);
}
