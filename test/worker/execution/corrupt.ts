import { runInDurableObject } from "cloudflare:test";
import type { Rig } from "./rig.ts";

/** Changes what is stored of the first job behind the object's back; the next incarnation reads it so. */
export async function corruptJob(rig: Rig, change: (job: Record<string, unknown>) => void): Promise<void> {
  await runInDurableObject(rig.stub, (_, state) => {
    const { sql } = state.storage;
    const [row] = sql.exec<{ job_id: string; state: string }>("SELECT job_id, state FROM job").toArray();
    const job: Record<string, unknown> = JSON.parse(row?.state ?? "{}");
    change(job);
    sql.exec("UPDATE job SET state = ? WHERE job_id = ?", JSON.stringify(job), row?.job_id ?? "");
  });
}
