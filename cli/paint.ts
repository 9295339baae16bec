const styles = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
} as const;

export type Style = keyof typeof styles;
/** Dresses text, or leaves it as it is. */
export type Paint = (style: Style, text: string) => string;

export const plain: Paint = (_style, text) => text;
export const coloured: Paint = (style, text) => {
  const [open, close] = styles[style];
  return text === "" ? "" : `\u001B[${open}m${text}\u001B[${close}m`;
};

/** NO_COLOR goes before all (no-color.org); FORCE_COLOR is for whoever reads through a pager. */
export function choosePaint(env: Readonly<Record<string, string | undefined>>, isTerminal: boolean): Paint {
  if ((env["NO_COLOR"] ?? "") !== "") return plain;
  if ((env["FORCE_COLOR"] ?? "") !== "" && env["FORCE_COLOR"] !== "0") return coloured;
  return isTerminal && env["TERM"] !== "dumb" ? coloured : plain;
}
