import type { Refusal } from "../../shared/errors.ts";
import { createRedactor, secretsOfSpec } from "../../shared/redact.ts";

/**
 * Takes the credentials that a body carries out of what is said of it. Nobody else knows them yet: what is refused has
 * no object. Before any cut, since half a secret has no shape.
 */
export function redactorOf(body: unknown): (text: string) => string {
  return createRedactor(secretsOfSpec(body)).redact;
}

/** A refusal that quotes the body it refuses. */
export function withoutSecretsOf(body: unknown, refusal: Refusal): Refusal {
  return { ...refusal, error: redactorOf(body)(refusal.error) };
}
