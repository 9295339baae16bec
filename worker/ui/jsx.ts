/** What makes the page's elements. `scripts/ui/bundle.ts` brings it into every file: calls of it are shorter than a runtime's. */
export { Fragment, h } from "preact";
