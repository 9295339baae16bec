import type { Command } from "./command.ts";
import { board } from "./commands/board.ts";
import { bundle } from "./commands/bundle.ts";
import { cancel } from "./commands/cancel.ts";
import { completion } from "./commands/completion.ts";
import { dispatch } from "./commands/dispatch.ts";
import { events } from "./commands/events.ts";
import { extend } from "./commands/extend.ts";
import { login } from "./commands/login.ts";
import { logs } from "./commands/logs.ts";
import { ls } from "./commands/ls.ts";
import { release } from "./commands/release.ts";
import { show } from "./commands/show.ts";
import { verify } from "./commands/verify.ts";
import { watch } from "./commands/watch.ts";

/** Every command, in the order of help. */
export const commands: readonly Command[] = [
  dispatch,
  watch,
  ls,
  show,
  logs,
  events,
  cancel,
  extend,
  release,
  bundle,
  verify,
  board,
  login,
  completion(() => commands),
];
