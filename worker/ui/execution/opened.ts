/** What is loaded when somebody opens it, in one file: each by itself would weigh more. */

// What every part imports is one file for all of them; what one of them does not is another, and two weigh more.
import "../navigation.tsx";

export { download } from "./bundle/download.ts";
export { WholeEvent } from "./log/whole-event.tsx";
export { PolicyTable } from "./limits/policy-table.tsx";
export { TimelineTable } from "./timeline/timeline-table.tsx";
