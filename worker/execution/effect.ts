/**
 * What a step wants done outside. Stored with the state that wants it, run after the write, removed when done, and run
 * again by the next incarnation if it was not. Each is idempotent: it names the instance (and attempt) it belongs to
 * and does nothing once the state has moved on.
 */
export type Effect =
  | { readonly kind: "start"; readonly instance: string }
  | { readonly kind: "probe"; readonly instance: string }
  /** After a reset of the object: whether the running container is the one that was started. */
  | { readonly kind: "verify"; readonly instance: string }
  | { readonly kind: "post"; readonly instance: string; readonly jobId: string; readonly attempt: number }
  | { readonly kind: "ask"; readonly instance: string; readonly jobId: string; readonly attempt: number }
  /** One read of a harness that is not heard. */
  | { readonly kind: "poll"; readonly instance: string; readonly jobId: string; readonly attempt: number }
  | {
      readonly kind: "tell-stop";
      readonly instance: string;
      readonly jobId: string;
      readonly cause: string;
      readonly graceMs: number;
    }
  | { readonly kind: "signal"; readonly instance: string; readonly signo: number }
  | { readonly kind: "destroy"; readonly instance: string; readonly reason: string }
  | { readonly kind: "keep-alive"; readonly instance: string }
  /** Asks for a slot, or keeps the place in the line. */
  | { readonly kind: "ask-slot" }
  /** Keeps the slot, and tells when the object acts next. */
  | { readonly kind: "renew-slot" }
  | { readonly kind: "give-slot" }
  /** Destroys whatever runs although nothing should. */
  | { readonly kind: "destroy-stray" }
  /** Retention: deletes everything this object has stored, and ends it. */
  | { readonly kind: "forget" };
