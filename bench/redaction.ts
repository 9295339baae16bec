/**
 * `npm run bench:redaction`: what the redactor hides and what it costs. All samples are made from seeds. Ends with an
 * exit code other than 0 when anything leaks.
 */

import { type Row, toTable } from "./pieces/table.ts";
import { measureCuts } from "./redaction/cuts.ts";
import { measureEncodings } from "./redaction/encodings.ts";
import { measureReadable } from "./redaction/readable.ts";
import { measureSpeed } from "./redaction/speed.ts";
import { measureTokens } from "./redaction/tokens.ts";
import { measureWorst } from "./redaction/worst.ts";

/** What these find is a leak; what the others find is a number. */
const leaks: ReadonlyArray<() => readonly Row[]> = [measureEncodings, measureTokens, measureCuts];
const numbers: ReadonlyArray<() => readonly Row[]> = [measureReadable, measureWorst, measureSpeed];

const leaking = leaks.flatMap((measure) => measure());
const rows = [...leaking, ...numbers.flatMap((measure) => measure())];
console.log(toTable(rows));
const missed = rows.filter(({ isMet }) => isMet === false).length;
console.log(missed === 0 ? "every goal is met" : `${missed} of ${rows.length} goals are missed`);
process.exit(leaking.some(({ isMet }) => isMet === false) ? 1 : 0);
