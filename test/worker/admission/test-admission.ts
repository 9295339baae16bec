import { Admission } from "../../../worker/admission/admission.ts";
import { admissionWorldOf } from "./world.ts";

/** The object itself, with a clock, a log and executions of the tests'. */
export class TestAdmission extends Admission {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env, admissionWorldOf(ctx.id).connect());
  }
}
