/** Lines that stay, and below them a block that is drawn anew; on no terminal the block does not exist. */
import { fitTo } from "./text/width.ts";
import type { Io } from "./system.ts";

export type Screen = {
  readonly print: (lines: readonly string[]) => void;
  /** Replaces the block. */
  readonly show: (block: readonly string[]) => void;
  /** Takes the block away. */
  readonly close: () => void;
};

/** A terminal that knows these shows what stands between them at once. */
const BEGIN = "\u001B[?2026h";
const END = "\u001B[?2026l";

export function openScreen({ out }: Pick<Io, "out">): Screen {
  let shown = 0;
  let block: readonly string[] = [];
  const clear = (): string => (shown === 0 ? "" : `\r\u001B[${shown}A\u001B[J`);
  const draw = (lines: readonly string[]): void => {
    const { columns, rows } = out.size();
    // A block higher than the screen could not be taken away again, nor a line that wraps.
    const fitting = block.slice(0, Math.max(0, rows - 2)).map((line) => fitTo(line, columns - 1));
    const text = [...lines, ...fitting].map((line) => `${line}\n`).join("");
    out.write(`${BEGIN}${clear()}${text}${END}`);
    shown = fitting.length;
  };
  return {
    print: (lines) => {
      if (lines.length === 0) return;
      if (out.canRewrite) draw(lines);
      else out.write(lines.map((line) => `${line}\n`).join(""));
    },
    show: (lines) => {
      if (!out.canRewrite) return;
      block = lines;
      draw([]);
    },
    close: () => {
      if (!out.canRewrite || shown === 0) return;
      block = [];
      draw([]);
    },
  };
}
