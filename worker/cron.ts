import { type AdmissionEnv, admissionOf } from "./admission/client.ts";
import type { Log } from "./ports.ts";
import { repeatOnce } from "./repeat.ts";

/**
 * The cron trigger: wakes the line, for the case that its own alarm is what was lost. A failure is told to the platform
 * too, which shows it; the next one comes in two minutes.
 */
export async function onCron(env: AdmissionEnv, log: Log): Promise<void> {
  try {
    await repeatOnce(() => admissionOf(env).sweep());
  } catch (error) {
    log.write("error", "sweep.failed", { by: "cron", error });
    throw error;
  }
}
