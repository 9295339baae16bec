/** Whose work the load is: repositories with their teams, so that a board of it reads like one of a working day. */

export type Project = {
  /** Begins the names of its executions and tickets. */
  readonly key: string;
  readonly owner: string;
  readonly repository: string;
  readonly team: string;
};

export const projects: readonly Project[] = [
  { key: "shop", owner: "acme", repository: "storefront", team: "storefront" },
  { key: "pay", owner: "acme", repository: "payments-api", team: "payments" },
  { key: "find", owner: "acme", repository: "search", team: "discovery" },
  { key: "mail", owner: "acme", repository: "notifications", team: "growth" },
  { key: "base", owner: "acme-platform", repository: "build-and-release-tooling", team: "platform" },
];

export const priorities = ["P2", "P1", "P3", "P2", "P3"] as const;

/** No model is involved, and the names say so. */
export const models = ["scripted-large", "scripted-small", "scripted-large-2026-11"] as const;
