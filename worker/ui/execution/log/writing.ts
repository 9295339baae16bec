import type { Writing } from "../../../../shared/event-words.ts";
import { toDuration, toMoment } from "../../formats.ts";

/** How events are told on the page. */
export const writing: Writing = { duration: toDuration, clock: toMoment };
