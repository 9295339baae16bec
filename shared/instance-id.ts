/** How an instance is named; apart from the schemas, so that a harness that has no job yet need not read them. */
export const instanceIdPattern = /^[A-Za-z0-9-]{8,64}$/;
