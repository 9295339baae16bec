/** How a child process ended, as one value: nothing about an exit is read from a text. */
export type Exit =
  | { readonly kind: "exited"; readonly code: number }
  | { readonly kind: "signalled"; readonly signal: string }
  | { readonly kind: "timed-out"; readonly timeoutMs: number }
  | { readonly kind: "cancelled" }
  | { readonly kind: "output-too-large"; readonly maxBytes: number }
  | { readonly kind: "spawn-failed"; readonly error: string };

export function isSuccess(exit: Exit): boolean {
  return exit.kind === "exited" && exit.code === 0;
}

/** An exit as the end of the sentence "the command …". */
export function describeExit(exit: Exit): string {
  if (exit.kind === "exited") return `exited with code ${exit.code}`;
  if (exit.kind === "signalled") return `was ended by ${exit.signal}`;
  if (exit.kind === "timed-out") return `timed out after ${Math.round(exit.timeoutMs / 100) / 10}s`;
  if (exit.kind === "cancelled") return "was cancelled";
  if (exit.kind === "output-too-large") return `printed more than ${exit.maxBytes} bytes`;
  return `could not be started: ${exit.error}`;
}
