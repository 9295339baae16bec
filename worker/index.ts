export { Beats } from "./beats.ts";
export { Execution } from "./execution/execution.ts";
