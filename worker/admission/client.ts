import type { AdmissionPort } from "../ports.ts";
import { repeatOnce } from "../repeat.ts";
import { withTimeout } from "../timeout.ts";
import type { AdmissionRpc } from "./rpc.ts";

/** There is one line in a deployment. */
export const ADMISSION_NAME = "admission";

/** Not the namespace of the class: executions come here, and the class goes to executions. */
export type AdmissionEnv = { readonly ADMISSION: { readonly getByName: (name: string) => AdmissionRpc } };

/** A stub is poisoned by its first error, so each call takes a fresh one. */
export function admissionOf(env: AdmissionEnv): AdmissionRpc {
  return env.ADMISSION.getByName(ADMISSION_NAME);
}

/**
 * One execution's way to the line. A call is made a second time where the platform says that it may be repeated, and
 * rejects where both fail or take too long together: the execution then starts nothing, and stops nothing.
 */
export function createAdmissionPort(env: AdmissionEnv, executionId: string): AdmissionPort {
  const ask = <T>(name: string, call: (admission: AdmissionRpc) => Promise<T>): Promise<T> =>
    withTimeout(
      repeatOnce(() => call(admissionOf(env))),
      `admission ${name}`,
      CALL_TIMEOUT_MS,
    );
  return {
    request: (nextDeadlineAt) => ask("request", (line) => line.request({ executionId, nextDeadlineAt })),
    renew: (nextDeadlineAt) => ask("renew", (line) => line.renew({ executionId, nextDeadlineAt })),
    release: (nextDeadlineAt) => ask("release", (line) => line.release({ executionId, nextDeadlineAt })),
  };
}

const CALL_TIMEOUT_MS = 5_000;
