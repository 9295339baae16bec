import * as z from "zod";
import { Limits } from "../limits.ts";

/** A field is bounded by the body it came in and never cut. */
export const anyText = z.string().max(Limits.dispatchBytes);
export const requiredText = anyText.min(1);
