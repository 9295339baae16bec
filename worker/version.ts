/** The version of package.json, which the bundle does not contain; a test holds the two together. */
export const VERSION = "0.1.0";
