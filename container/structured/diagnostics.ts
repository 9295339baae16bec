/** How a structured reply came to its value, or did not. */
export type Diagnostics = {
  readonly parsedOn: "primary" | "repair" | "none";
  readonly primaryChars: number;
  readonly looksDoubled: boolean;
  readonly repairAttempted: boolean;
  readonly repairSucceeded: boolean;
  /** Redacted. */
  readonly repairError?: string;
};

/** What clients show behind the error of a reply that could not be used; empty where there is nothing to say. */
export function diagnosticsSuffix(diagnostics: Diagnostics): string {
  const parts = [
    ...(diagnostics.looksDoubled ? ["output appeared token-doubled (streaming corruption)"] : []),
    ...repairParts(diagnostics),
  ];
  return parts.length === 0 ? "" : ` [${parts.join("; ")}]`;
}

function repairParts({ repairAttempted, repairSucceeded, repairError }: Diagnostics): readonly string[] {
  if (repairSucceeded) return ["structured repair recovered it"];
  if (repairError !== undefined) return [`structured repair did not help (${repairError})`];
  return repairAttempted ? ["structured repair did not help"] : [];
}
