import type { TimeMove } from "./time-window.ts";

/** A step of the zoom, by key or button. */
export const ZOOM = 1.6;

/** What keys do to the timeline. */
export const moveOfKey: ReadonlyMap<string, TimeMove> = new Map<string, TimeMove>([
  ["ArrowLeft", { kind: "pan", part: -0.2 }],
  ["ArrowRight", { kind: "pan", part: 0.2 }],
  ["+", { kind: "zoom", factor: 1 / ZOOM, at: 0.5 }],
  ["=", { kind: "zoom", factor: 1 / ZOOM, at: 0.5 }],
  ["-", { kind: "zoom", factor: ZOOM, at: 0.5 }],
  ["0", { kind: "all" }],
  ["Home", { kind: "start" }],
  ["End", { kind: "end" }],
]);

/** To the next call or the one before. */
export const stepOfKey: ReadonlyMap<string, 1 | -1> = new Map([
  ["ArrowDown", 1],
  ["ArrowUp", -1],
]);
