/** The package's; a test holds it to that. */
export const version = "0.1.0";
