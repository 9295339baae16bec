/** A table of processes of its own, as a container has. */

import { execaSync } from "execa";

/** Arguments of `unshare`. */
export const ownTable = ["--user", "--map-root-user", "--mount", "--pid", "--fork", "--mount-proc"];

/** Not every machine lets everybody make one. */
export const canOwnTable = execaSync("unshare", [...ownTable, "true"], { reject: false }).exitCode === 0;
